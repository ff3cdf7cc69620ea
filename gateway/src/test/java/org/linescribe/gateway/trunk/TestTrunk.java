package org.linescribe.gateway.trunk;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;

/** Trunks of which a test says only what matters to it. */
public final class TestTrunk {
  private TestTrunk() {}

  /**
   * A trunk as an operator's file without any other key makes it.
   *
   * @param settings values by the components' names
   */
  public static Trunk of(String name, Map<String, Object> settings) {
    RecordComponent[] components = Trunk.class.getRecordComponents();
    Object[] values =
        Arrays.stream(components)
            .map(RecordComponent::getName)
            .map(key -> key.equals("name") ? name : settings.get(key))
            .toArray();
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null && components[i].getType() == int.class) {
        values[i] = 0;
      }
    }
    try {
      return (Trunk) Trunk.class.getDeclaredConstructors()[0].newInstance(values);
    } catch (InvocationTargetException e) {
      throw (RuntimeException) e.getCause();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
