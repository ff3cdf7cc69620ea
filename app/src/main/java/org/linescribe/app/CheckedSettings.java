package org.linescribe.app;

import java.util.ArrayList;
import java.util.List;
import org.linescribe.api.system.ProgramDescription.SettingInForce;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.encryption.EncryptionSettings;
import org.linescribe.session.store.SqlStoreSettings;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.ConfigurationProperties;
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
    List<Class<?>> bound = new ArrayList<>();
    for (Class<?> type : SettingsReference.records()) {
      if (type.isAnnotationPresent(ConfigurationProperties.class)) {
        bound.add(type);
      }
    }
    settings.refuseUnknownKeys(bound);
    for (Class<? extends Record> type : ProgramSettings.RECORDS) {
      // Bound only where there is a server.
      if (type != SqlStoreSettings.class
          || settings.optionalText("linescribe.mysql.url").isPresent()) {
        settings.bind(type);
      }
    }
    EncryptionKeys.of(settings.bind(EncryptionSettings.class));
    bound.forEach(settings::check);
    HostPort.parse("linescribe.http", settings.bind(ProgramSettings.Gateway.class).http());
    HostPort.parse("linescribe.sip.bind", settings.bind(SipSettings.class).bind());
    return new CheckedSettings(settings, environment);
  }

  long changed() {
    return SettingsInForce.of(environment).stream().filter(SettingInForce::changed).count();
  }
}
