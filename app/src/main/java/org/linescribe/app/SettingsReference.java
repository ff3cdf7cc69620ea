package org.linescribe.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** All settings with meaning, default and range, as their records state them. */
final class SettingsReference {
  /**
   * One setting.
   *
   * @param open whether keys below this one are the user's own (a map, or a list of records)
   */
  record Entry(String key, String byDefault, String range, String meaning, boolean open) {}

  private static final String LIST = "settings-records";

  private SettingsReference() {}

  /** Every settings record of the program, in the order of the reference. */
  static List<Class<?>> records() {
    List<Class<?>> records = new ArrayList<>(ProgramSettings.RECORDS);
    records.addAll(boundByFramework());
    return records;
  }

  /**
   * The records that Spring binds, by a list that a test compares with what is there: to look for
   * them would read some five hundred classes.
   */
  static List<Class<?>> boundByFramework() {
    try (InputStream list =
        Objects.requireNonNull(SettingsReference.class.getResourceAsStream(LIST), LIST)) {
      List<Class<?>> records = new ArrayList<>();
      new String(list.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .map(SettingsReference::load)
          .forEach(records::add);
      return records;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  static List<Entry> entries(Collection<Class<?>> records) {
    List<Entry> entries = new ArrayList<>();
    for (Class<?> record : records) {
      RecordComponent[] components = record.getRecordComponents();
      for (int i = 0; i < components.length; i++) {
        Setting setting = components[i].getAnnotation(Setting.class);
        Range range = components[i].getAnnotation(Range.class);
        Default stated = components[i].getAnnotation(Default.class);
        entries.add(
            new Entry(
                SettingsCheck.key(record, components[i]),
                stated == null ? frameworkDefault(record, i) : stated.value(),
                range == null ? "" : range.value(),
                setting == null ? "" : setting.value(),
                isOpen(components[i])));
      }
    }
    return entries;
  }

  /** The reference as a page of the documentation. */
  static String markdown() {
    StringBuilder page = new StringBuilder();
    page.append("# Settings\n\n")
        .append(
            "This page is generated from the settings records; `linescribe settings` prints the")
        .append(" same in a terminal.\n")
        .append("Set a key on the command line (`--set KEY=VALUE`), in the environment")
        .append(" (`linescribe.asr.max-batch` is\n`LINESCRIBE_ASR_MAXBATCH`) or in a YAML file")
        .append(
            " (`serve --config FILE`), in this order of rank. Durations: `250ms`, `5s`, `10m`,\n")
        .append("`4h`; sizes: `64KB`, `10MB`. A key that is not here is refused.\n");
    for (Class<?> record : records()) {
      String prefix = record.getAnnotation(SettingsGroup.class).value();
      page.append("\n## ")
          .append(prefix)
          .append("\n\n| key | default | range | meaning |\n")
          .append("|---|---|---|---|\n");
      for (Entry entry : entries(List.of(record))) {
        page.append("| `")
            .append(entry.key().substring(prefix.length() + 1))
            .append("` | ")
            .append(entry.byDefault().isEmpty() ? "" : "`" + entry.byDefault() + "`")
            .append(" | ")
            .append(entry.range())
            .append(" | ")
            .append(entry.meaning().replace("|", "\\|"))
            .append(" |\n");
      }
    }
    return page.toString();
  }

  private static boolean isOpen(RecordComponent component) {
    return Map.class.isAssignableFrom(component.getType());
  }

  private static String frameworkDefault(Class<?> record, int index) {
    Class<?>[] types =
        Arrays.stream(record.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<?> canonical = record.getDeclaredConstructor(types);
      @Nullable DefaultValue stated =
          canonical.getParameters()[index].getAnnotation(DefaultValue.class);
      return stated == null ? "" : String.join(",", stated.value());
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(record + " has no canonical constructor", e);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
