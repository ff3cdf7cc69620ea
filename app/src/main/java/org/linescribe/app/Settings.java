package org.linescribe.app;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.storage.DataFolder;
import org.linescribe.session.store.SqlStoreSettings;
import org.linescribe.settings.HostPort;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.util.unit.DataSize;

/**
 * Binds the settings records that no framework binds, and refuses keys that no record knows. What a
 * record states as default stands behind all other sources.
 */
final class Settings {
  private static final String DEFAULTS = "defaults of the settings records";
  private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("linescribe");
  private static final SortedSet<String> FRAMEWORK =
      new TreeSet<>(Set.of("spring", "server", "management", "logging", "debug", "trace"));

  private final ConfigurableEnvironment environment;
  private final Map<Class<?>, Record> records = new ConcurrentHashMap<>();

  Settings(ConfigurableEnvironment environment) {
    this.environment = environment;
    Map<String, Object> defaults = new TreeMap<>();
    ProgramSettings.RECORDS.forEach(type -> defaults.putAll(SettingsDefaults.texts(type)));
    environment.getPropertySources().addLast(new MapPropertySource(DEFAULTS, defaults));
  }

  /**
   * A record by the prefix of its {@link SettingsGroup}, bound when it is asked for first.
   *
   * @throws StartException that names the key, the value and what was expected
   */
  <T extends Record> T bind(Class<T> type) {
    return type.cast(records.computeIfAbsent(type, _ -> read(type)));
  }

  private <T extends Record> T read(Class<T> type) {
    String prefix = type.getAnnotation(SettingsGroup.class).value();
    try {
      // An element of a list has settings that the check for unknown keys does not see.
      BindHandler handler =
          hasElements(type)
              ? new NoUnboundElementsBindHandler(BindHandler.DEFAULT)
              : BindHandler.DEFAULT;
      return Binder.get(environment).bind(prefix, Bindable.of(type), handler).get();
    } catch (BindException e) {
      throw new StartException(explain(prefix, e), e);
    }
  }

  private static boolean hasElements(Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .map(RecordComponent::getGenericType)
        .anyMatch(
            component ->
                component instanceof ParameterizedType list
                    && list.getActualTypeArguments()[0] instanceof Class<?> element
                    && element.isRecord());
  }

  /**
   * Binds a record that the framework binds at a start, for its checks alone.
   *
   * @throws StartException as of {@link #bind}
   */
  void check(Class<?> type) {
    String prefix = type.getAnnotation(SettingsGroup.class).value();
    try {
      Binder.get(environment).bindOrCreate(prefix, Bindable.of(type));
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
    if (cause instanceof UnboundConfigurationPropertiesException unbound) {
      return unbound.getUnboundProperties().iterator().next().getName()
          + ": unknown setting (expected: one that 'linescribe settings' lists)";
    }
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

  Optional<String> optionalText(String key) {
    return Optional.of(environment.getProperty(key, "").strip()).filter(text -> !text.isEmpty());
  }

  /**
   * The data folder, made where it is missing; absolute.
   *
   * @throws StartException where it cannot be written
   */
  Path dataDirectory() {
    Path data = Path.of(bind(ProgramSettings.Gateway.class).data());
    try {
      DataFolder.create(data);
    } catch (IOException e) {
      throw new StartException(
          "linescribe.data: '" + data + "' (expected: a folder that can be written): " + e, e);
    }
    if (!Files.isWritable(data)) {
      throw new StartException(
          "linescribe.data: '" + data + "' (expected: a folder that can be written)");
    }
    return data.toAbsolutePath();
  }

  /**
   * Binds every record that no framework binds, so that a wrong value is told before anything is
   * made. A key that nobody knows is refused, too.
   *
   * @throws StartException as of {@link #bind}
   */
  void checkAll() {
    refuseUnknownKeys(SettingsReference.boundByFramework());
    for (Class<? extends Record> type : ProgramSettings.RECORDS) {
      // Bound only where there is a server.
      if (type != SqlStoreSettings.class || optionalText("linescribe.mysql.url").isPresent()) {
        bind(type);
      }
    }
    HostPort.parse("linescribe.http", bind(ProgramSettings.Gateway.class).http());
    HostPort.parse("linescribe.sip.bind", bind(SipSettings.class).bind());
  }

  /** How the environment calls a setting: {@code LINESCRIBE_SIP_BIND}. */
  static String environmentName(String key) {
    return key.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /**
   * Refuses a key under {@code linescribe} that no record knows: most often a typing error.
   *
   * @param bound records that the framework binds, beside {@link ProgramSettings#RECORDS}
   */
  void refuseUnknownKeys(Collection<Class<?>> bound) {
    List<Class<?>> records = new ArrayList<>(ProgramSettings.RECORDS);
    records.addAll(bound);
    NavigableSet<String> known = new TreeSet<>();
    Set<String> open = new TreeSet<>();
    for (SettingsReference.Entry entry : SettingsReference.entries(records)) {
      known.add(entry.key());
      if (entry.open()) {
        open.add(entry.key() + ".");
      }
    }
    for (PropertySource<?> source : environment.getPropertySources()) {
      // A file or the command line. The environment's upper-case names cannot be told apart with
      // certainty, and the JVM's properties are not ours alone.
      if (source.getName().equals("systemEnvironment")
          || source.getName().equals("systemProperties")
          || source.getName().equals(DEFAULTS)) {
        continue;
      }
      if (isOfTheUser(source)) {
        refuseForeignKeys(source);
      }
      for (String key : keys(source)) {
        // Below a list's element the record of that element checks.
        String plain = key.replaceAll("\\[\\d+].*", "");
        if (!known.contains(plain) && open.stream().noneMatch(plain::startsWith)) {
          throw new StartException(
              key
                  + ": unknown setting (expected: one that 'linescribe settings' lists)"
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
      String first = name.isEmpty() ? "" : name.getElement(0, Form.UNIFORM);
      if (!ROOT.isAncestorOf(name) && !FRAMEWORK.contains(first)) {
        throw new StartException(
            name
                + ": unknown setting (expected: linescribe.…, or a key of Spring Boot's: "
                + String.join(", ", FRAMEWORK)
                + ")");
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
    String group = key.substring(0, key.lastIndexOf('.') + 1);
    Set<String> same = new TreeSet<>(known.subSet(group, group + Character.MAX_VALUE));
    same.removeIf(name -> name.indexOf('.', group.length()) >= 0);
    return same.isEmpty() ? "" : "; there are " + String.join(", ", same);
  }
}
