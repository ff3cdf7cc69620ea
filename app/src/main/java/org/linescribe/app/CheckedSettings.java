package org.linescribe.app;

import java.util.List;
import org.linescribe.api.system.ProgramDescription.SettingInForce;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.encryption.EncryptionSettings;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;

/** The settings as a start would read them, every record checked, without starting anything. */
record CheckedSettings(Settings settings, ConfigurableEnvironment environment) {

  /**
   * @param arguments as of a start, {@code --key=value}
   * @throws RuntimeException of a kind that {@link StartFailureReporter} explains
   */
  static CheckedSettings of(List<String> arguments) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new SimpleCommandLinePropertySource(arguments.toArray(String[]::new)));
    ConfigDataEnvironmentPostProcessor.applyTo(environment);
    Settings settings = new Settings(environment);
    settings.checkAll();
    EncryptionKeys.of(settings.bind(EncryptionSettings.class));
    SettingsReference.boundByFramework().forEach(settings::check);
    return new CheckedSettings(settings, environment);
  }

  long changed() {
    return SettingsInForce.of(environment).stream().filter(SettingInForce::changed).count();
  }
}
