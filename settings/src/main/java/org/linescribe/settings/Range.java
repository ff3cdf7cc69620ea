package org.linescribe.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The range of a setting, both ends included; checks and messages read it here. */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Range {
  /** {@code 1s to 5m}, {@code at least 1} or {@code at most 64MB}. */
  String value();
}
