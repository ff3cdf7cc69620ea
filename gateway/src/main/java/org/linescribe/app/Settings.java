package org.linescribe.app;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.util.unit.DataSize;

/**
 * Reads the rooms' settings. The application.yaml in this program is their reference; a key that
 * nobody knows is refused.
 */
final class Settings {
  private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("linescribe");
  private static final SortedSet<String> FRAMEWORK =
      new TreeSet<>(Set.of("spring", "server", "management", "logging", "debug", "trace"));

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
    Class<?> type = failure.getTarget().getType().toClass();
    return failure.getName() + ": '" + value + "' (expected: " + expected(type, why) + ")";
  }

  private static String expected(Class<?> type, String why) {
    if (type == Duration.class) {
      return "a duration, such as 250ms, 5s, 10m or 4h";
    }
    if (type == DataSize.class) {
      return "a size, such as 64KB or 10MB";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type == int.class || type == long.class || type == Integer.class) {
      return "a whole number";
    }
    return type.getSimpleName() + "; " + why;
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

  /**
   * @throws StartException that names the key, the value and the range
   */
  Duration duration(String key, Duration least, Duration most) {
    Duration value = duration(key);
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new StartException(key + ": " + value + " (expected: " + least + " to " + most + ")");
    }
    return value;
  }

  /** The data folder, not made yet. */
  Path data() {
    return Path.of(
        optionalText("linescribe.data")
            .orElseThrow(() -> new StartException("linescribe.data: '' (expected: a folder)")));
  }

  /** How the environment calls a setting: {@code LINESCRIBE_SIP_BIND}. */
  static String environmentName(String key) {
    return key.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /**
   * Refuses a key under {@code linescribe} that means nothing: most often a typing error.
   *
   * @param doors the doors' own settings records by prefix
   */
  void refuseUnknownKeys(Map<String, Class<?>> doors) {
    NavigableSet<String> known = new TreeSet<>();
    Set<String> maps = new TreeSet<>();
    doors.forEach((prefix, type) -> addComponents(prefix, type, known, maps));
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (isReference(source)) {
        known.addAll(keys(source));
      }
    }
    for (PropertySource<?> source : environment.getPropertySources()) {
      // A file or the command line. The environment's upper-case names cannot be told apart with
      // certainty, and the JVM's properties are not ours alone.
      if (source.getName().equals("systemEnvironment")
          || source.getName().equals("systemProperties")
          || isReference(source)) {
        continue;
      }
      if (isOfTheUser(source)) {
        refuseForeignKeys(source);
      }
      for (String key : keys(source)) {
        // Below a list's element the room's own record checks.
        String plain = key.replaceAll("\\[\\d+].*", "");
        if (!known.contains(plain) && maps.stream().noneMatch(plain::startsWith)) {
          throw new StartException(
              key
                  + ": unknown setting (expected: a key of the reference, application.yaml)"
                  + near(plain, known));
        }
      }
    }
  }

  private static boolean isOfTheUser(PropertySource<?> source) {
    return source.getName().equals(CommandLinePropertySource.COMMAND_LINE_PROPERTY_SOURCE_NAME)
        || source.getName().startsWith("Config resource 'file [");
  }

  /** A key without its "linescribe." would otherwise be passed over in silence. */
  private static void refuseForeignKeys(PropertySource<?> source) {
    for (ConfigurationPropertyName name : names(source)) {
      String room = name.isEmpty() ? "" : name.getElement(0, Form.UNIFORM);
      if (!ROOT.isAncestorOf(name) && !FRAMEWORK.contains(room)) {
        throw new StartException(
            name
                + ": unknown setting (expected: linescribe.…, or a key of Spring Boot's: "
                + String.join(", ", FRAMEWORK)
                + ")");
      }
    }
  }

  private static boolean isReference(PropertySource<?> source) {
    return source.getName().contains("class path resource [application.yaml]");
  }

  private static void addComponents(
      String prefix, Class<?> type, Set<String> known, Set<String> maps) {
    for (RecordComponent component : type.getRecordComponents()) {
      String key =
          prefix + "." + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
      if (component.getType().isRecord()) {
        addComponents(key, component.getType(), known, maps);
      } else if (Map.class.isAssignableFrom(component.getType())) {
        maps.add(key + ".");
      } else {
        known.add(key);
      }
    }
  }

  private static Set<String> keys(PropertySource<?> source) {
    return names(source).stream()
        .filter(ROOT::isAncestorOf)
        .map(ConfigurationPropertyName::toString)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<ConfigurationPropertyName> names(PropertySource<?> source) {
    return ConfigurationPropertySource.from(source)
            instanceof IterableConfigurationPropertySource iterable
        ? iterable.stream().toList()
        : List.of();
  }

  private static String near(String key, NavigableSet<String> known) {
    String room = key.substring(0, key.lastIndexOf('.') + 1);
    Set<String> same = new TreeSet<>(known.subSet(room, room + Character.MAX_VALUE));
    same.removeIf(name -> name.indexOf('.', room.length()) >= 0);
    return same.isEmpty() ? "" : "; there are " + String.join(", ", same);
  }
}
