package org.linescribe.testsupport;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How long a test waits for what must come. A wait ends as soon as it succeeds, so that a long
 * limit costs nothing, while a short one fails on a machine that stalls for a moment. JUnit finds
 * this extension by its service file and gives every {@code await()} this limit.
 */
public final class Patience implements BeforeAllCallback {
  public static final Duration LIMIT = Duration.ofMinutes(2);
  public static final int LIMIT_MS = (int) LIMIT.toMillis();

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(LIMIT);
  }
}
