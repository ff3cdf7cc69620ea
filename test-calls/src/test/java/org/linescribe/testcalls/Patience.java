package org.linescribe.testcalls;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * How long a test waits for what must come. A wait that succeeds ends early, and a loaded machine
 * may stall for many seconds, so this is no measure of anything.
 */
final class Patience {
  static final Duration LIMIT = Duration.ofSeconds(60);

  private Patience() {}

  static ConditionFactory await() {
    return Awaitility.await().atMost(LIMIT);
  }
}
