package org.linescribe.api;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How long the tests of this module wait for what must come. A wait ends when it has come, so that
 * a long one costs nothing; a short one fails on a machine that is slow for a moment. JUnit finds
 * this class by itself (see {@code junit-platform.properties}) and tells Awaitility.
 */
public final class Patience implements BeforeAllCallback {
  public static final Duration LONG = Duration.ofMinutes(2);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(LONG);
  }
}
