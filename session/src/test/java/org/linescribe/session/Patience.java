package org.linescribe.session;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * How long a test waits for what must come. A wait ends with what it waits for, so patience costs
 * nothing but where something is broken; a machine that others load may stall for many seconds.
 */
public final class Patience {
  public static final Duration PATIENCE = Duration.ofSeconds(60);

  private Patience() {}

  public static ConditionFactory await() {
    return Awaitility.await().atMost(PATIENCE);
  }
}
