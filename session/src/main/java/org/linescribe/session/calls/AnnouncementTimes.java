package org.linescribe.session.calls;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * When a caller was told what the gateway says before it transcribes.
 *
 * @param endedAt empty while it goes on, and of a call that ended in it
 */
public record AnnouncementTimes(Instant startedAt, Optional<Instant> endedAt) {
  public AnnouncementTimes {
    startedAt = startedAt.truncatedTo(ChronoUnit.MICROS);
    endedAt = endedAt.map(at -> at.truncatedTo(ChronoUnit.MICROS));
  }
}
