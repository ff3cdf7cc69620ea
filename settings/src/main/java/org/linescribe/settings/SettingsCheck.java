package org.linescribe.settings;

import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds settings to what their records state, in the one form of message: key, value, expected. */
public final class SettingsCheck {
  private SettingsCheck() {}

  /**
   * Checks the components that have a {@link Range}; the first call in a record's compact
   * constructor.
   *
   * @param type a record with a {@link SettingsGroup}
   * @param values of the components that have a range, in their order; a null or empty optional one
   *     is not checked
   * @throws IllegalArgumentException naming key, value and range
   */
  public static void ranges(Class<? extends Record> type, @Nullable Object... values) {
    List<RecordComponent> components =
        Arrays.stream(type.getRecordComponents())
            .filter(component -> component.isAnnotationPresent(Range.class))
            .toList();
    if (components.size() != values.length) {
      throw new IllegalStateException(
          "%s: %s values for %s components with a range"
              .formatted(type.getName(), values.length, components.size()));
    }
    for (int i = 0; i < values.length; i++) {
      String range = components.get(i).getAnnotation(Range.class).value();
      Object value = values[i] instanceof Optional<?> wrapped ? wrapped.orElse(null) : values[i];
      if (value != null) {
        require(contains(range, value), key(type, components.get(i)), value, range);
      }
    }
  }

  /**
   * Refuses a setting in the one form of message.
   *
   * @throws IllegalArgumentException {@code key: value (expected: …)} unless it holds
   */
  public static void require(boolean holds, String key, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          key + ": " + SettingText.of(value) + " (expected: " + expected + ")");
    }
  }

  /** Whether a text is the URL of an HTTP server, without user and fragment. */
  public static boolean isHttpUrl(String text) {
    try {
      URI uri = new URI(text);
      return Set.of("http", "https").contains(String.valueOf(uri.getScheme()))
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getFragment() == null;
    } catch (URISyntaxException broken) {
      return false;
    }
  }

  /** A component's key: {@code linescribe.rtp.jitter-window}. */
  public static String key(Class<?> type, RecordComponent component) {
    SettingsGroup group = type.getAnnotation(SettingsGroup.class);
    String name = component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    return group == null ? name : group.value() + "." + name;
  }

  private static boolean contains(String range, Object value) {
    if (range.startsWith("at most ")) {
      return compare(value, range.substring("at most ".length())) <= 0;
    }
    if (range.startsWith("at least ")) {
      return compare(value, range.substring("at least ".length())) >= 0;
    }
    String[] ends = range.split(" to ", 2);
    return compare(value, ends[0]) >= 0 && compare(value, ends[1]) <= 0;
  }

  @SuppressWarnings("unchecked")
  private static int compare(Object value, String bound) {
    return ((Comparable<Object>) value).compareTo(SettingText.parse(bound, value.getClass()));
  }
}
