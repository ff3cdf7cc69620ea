package org.linescribe.settings;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The defaults that settings records state. */
public final class SettingsDefaults {
  private SettingsDefaults() {}

  /** A record of the stated defaults. */
  public static <R extends Record> R of(Class<R> type) {
    return of(type, Map.of());
  }

  /**
   * A record of the stated defaults, with other values for some components.
   *
   * @param others values by the components' names
   */
  public static <R extends Record> R of(Class<R> type, Map<String, Object> others) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values =
        Arrays.stream(components)
            .map(
                component ->
                    others.containsKey(component.getName())
                        ? others.get(component.getName())
                        : SettingText.parse(text(component), component.getGenericType()))
            .toArray();
    try {
      var constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new IllegalStateException("the defaults of " + type.getName(), e);
    }
  }

  /** The stated defaults as texts, by full key. */
  public static Map<String, String> texts(Class<? extends Record> type) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      texts.put(SettingsCheck.key(type, component), text(component));
    }
    return texts;
  }

  private static String text(RecordComponent component) {
    Default stated = component.getAnnotation(Default.class);
    return stated == null ? "" : stated.value();
  }
}
