package org.linescribe.app;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeSet;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;

/**
 * Reads the rooms' settings. The application.yaml in this program is their reference: it names
 * every key with its default, and a key that it does not know is refused.
 */
final class Settings {
  private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("linescribe");

  private final ConfigurableEnvironment environment;

  Settings(ConfigurableEnvironment environment) {
    this.environment = environment;
  }

  /**
   * Binds one room's record.
   *
   * @throws StartException that names the key, the value and what was expected
   */
  <T> T bind(String prefix, Class<T> type) {
    try {
      return Binder.get(environment).bind(prefix, Bindable.of(type)).get();
    } catch (BindException e) {
      throw new StartException(explain(prefix, e), e);
    }
  }

  private static String explain(String prefix, BindException failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String why = String.valueOf(cause.getMessage());
    if (cause instanceof IllegalArgumentException && why.startsWith(prefix)) {
      return why;
    }
    Object value = failure.getProperty() == null ? "" : failure.getProperty().getValue();
    return failure.getName()
        + ": '"
        + value
        + "' (expected: "
        + failure.getTarget().getType().toClass().getSimpleName()
        + "; "
        + why
        + ")";
  }

  String text(String key) {
    return environment.getProperty(key, "").strip();
  }

  Optional<String> optionalText(String key) {
    return Optional.of(text(key)).filter(text -> !text.isEmpty());
  }

  Duration duration(String key) {
    return bind(key, Duration.class);
  }

  Path data() {
    return Path.of(text("linescribe.data"));
  }

  /** Refuses a key under {@code linescribe} that means nothing: most often a typing error. */
  void refuseUnknownKeys() {
    TreeSet<String> known = new TreeSet<>();
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (isReference(source)) {
        names(source, known);
      }
    }
    for (PropertySource<?> source : environment.getPropertySources()) {
      TreeSet<String> given = new TreeSet<>();
      // The environment's upper-case names cannot be told apart with certainty: not checked.
      if (!source.getName().equals("systemEnvironment") && !isReference(source)) {
        names(source, given);
      }
      for (String key : given) {
        // A list in the reference is one empty key there; elsewhere it has indexed ones, and below
        // them what the room's own record checks.
        String plain = key.replaceAll("\\[\\d+].*", "");
        if (!known.contains(key) && !known.contains(plain)) {
          throw new StartException(
              key
                  + ": unknown setting (expected: one of the README's reference)"
                  + near(plain, known),
              null);
        }
      }
    }
  }

  private static boolean isReference(PropertySource<?> source) {
    return source.getName().contains("class path resource [application.yaml]");
  }

  private static void names(PropertySource<?> source, TreeSet<String> into) {
    ConfigurationPropertySource adapted = ConfigurationPropertySource.from(source);
    if (adapted instanceof IterableConfigurationPropertySource iterable) {
      iterable.stream().filter(ROOT::isAncestorOf).forEach(name -> into.add(name.toString()));
    }
  }

  private static String near(String key, TreeSet<String> known) {
    String room = key.substring(0, Math.max(key.lastIndexOf('.'), 0)) + ".";
    TreeSet<String> same = new TreeSet<>(known.subSet(room, room + Character.MAX_VALUE));
    same.removeIf(name -> name.indexOf('.', room.length()) >= 0);
    return same.isEmpty() ? "" : "; there are " + String.join(", ", same);
  }

  /** Makes sure that the property sources answer in the canonical form that the check compares. */
  static Settings of(ConfigurableEnvironment environment) {
    ConfigurationPropertySources.attach(environment);
    Settings settings = new Settings(environment);
    settings.refuseUnknownKeys();
    return settings;
  }
}
