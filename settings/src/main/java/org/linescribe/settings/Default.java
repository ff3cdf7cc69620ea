package org.linescribe.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The default of a setting, for records that no framework binds with defaults of its own. */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Default {
  /** As a user would write it: {@code 250ms}, {@code 100}, {@code a, b}. */
  String value();
}
