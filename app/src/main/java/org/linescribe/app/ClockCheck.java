package org.linescribe.app;

import java.time.Duration;
import java.time.Instant;
import org.linescribe.app.DoctorCommand.Finding;

/** Compares this machine's clock with another one. */
final class ClockCheck {
  /** Beyond it the ends of leases and the order of sessions by time are not to be trusted. */
  private static final Duration MOST = Duration.ofSeconds(2);

  private ClockCheck() {}

  /**
   * @param before when the other clock was asked
   * @param after when it had answered: its time is anywhere between
   */
  static Finding against(String other, Instant otherTime, Instant before, Instant after) {
    Duration ahead =
        otherTime.isBefore(before)
            ? Duration.between(otherTime, before)
            : otherTime.isAfter(after) ? Duration.between(after, otherTime) : Duration.ZERO;
    String found = "%d ms from %s".formatted(ahead.toMillis(), other);
    return ahead.compareTo(MOST) <= 0
        ? Finding.ok("clock", found)
        : Finding.warning(
            "clock",
            (otherTime.isBefore(before) ? "ahead, " : "behind, ") + found,
            "let NTP set the clocks of all nodes and of the database (timedatectl status)");
  }

  static Finding uncompared() {
    return Finding.ok(
        "clock",
        Instant.now() + ", compared with nothing: no database (linescribe.mysql.url) is set");
  }
}
