package org.linescribe.gateway.call;

import java.time.Duration;
import java.util.Map;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.settings.SettingsDefaults;

/** RTP settings of tests in which another program sends in real time. */
final class PatientRtp {
  private PatientRtp() {}

  /**
   * Ports of the system's choice, and the longest window: another program's packets, which leave it
   * late when the machine stalls, are still heard. For tests that are not about the window.
   */
  static RtpSettings settings() {
    return SettingsDefaults.of(
        RtpSettings.class, Map.of("ports", "0", "jitterWindow", Duration.ofMillis(500)));
  }
}
