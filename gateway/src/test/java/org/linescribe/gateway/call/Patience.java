package org.linescribe.gateway.call;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.linescribe.gateway.rtp.RtpSettings;

/**
 * How long a test waits for what must come. A wait that succeeds ends early, and a loaded machine
 * may stall for many seconds, so this is no measure of anything.
 */
public final class Patience {
  public static final Duration LIMIT = Duration.ofSeconds(60);
  public static final int LIMIT_MS = (int) LIMIT.toMillis();

  private Patience() {}

  public static ConditionFactory await() {
    return Awaitility.await().atMost(LIMIT);
  }

  /**
   * Ports of the system's choice, and the longest window: another program's packets, which leave it
   * late when the machine stalls, are still heard. For tests that are not about the window.
   */
  static RtpSettings rtp() {
    RtpSettings defaults = RtpSettings.on("0");
    return new RtpSettings(
        defaults.bind(),
        defaults.ports(),
        defaults.quarantine(),
        defaults.timeout(),
        Duration.ofMillis(500),
        defaults.source(),
        defaults.relatchAfter(),
        defaults.rtcpInterval(),
        defaults.eventLoops());
  }
}
