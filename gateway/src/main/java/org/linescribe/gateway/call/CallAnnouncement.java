package org.linescribe.gateway.call;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.rtp.Announcement;
import org.linescribe.session.SessionSource;
import org.linescribe.session.calls.AnnouncementTimes;

/**
 * What a caller is told before the transcript begins, and when it was. Until it was played to its
 * end the caller's audio is silence in transcript and recording; keys are told as ever.
 *
 * <p>Thread: the call's event loop.
 */
final class CallAnnouncement {
  /** Attributes of the session. */
  static final String STARTED_AT = "announcement_started_at";

  static final String ENDED_AT = "announcement_ended_at";

  private final Clock clock;
  private final Optional<Announcement> announcement;
  private @Nullable Announcement pending;
  private boolean asked;
  private @Nullable Instant startedAt;
  private @Nullable Instant endedAt;

  CallAnnouncement(Optional<Announcement> announcement, Clock clock) {
    this.announcement = announcement;
    this.pending = announcement.orElse(null);
    this.clock = clock;
  }

  /** The call goes on with somebody who has not heard it. The times stay those of the first. */
  void anotherPeer() {
    pending = announcement.orElse(null);
    asked = false;
  }

  /** Whether it was not played to its end yet. */
  boolean isDue() {
    return pending != null;
  }

  /** Whether nobody was asked yet to play it: the peer has not been there, or has not listened. */
  boolean isUnasked() {
    return pending != null && !asked;
  }

  /** The peer is there: plays it. Without one, or asked before, nothing happens. */
  void play(CallMedia media, SessionSource source, Runnable whenPlayed) {
    Announcement due = pending;
    if (due == null || asked) {
      return;
    }
    asked = true;
    media.play(
        due,
        () -> {
          if (startedAt == null) {
            startedAt = clock.instant();
            source.describe(STARTED_AT, startedAt.toString());
          }
          source.mark(0, media.positionSamples(), "Announcement started");
        },
        () -> {
          pending = null;
          if (endedAt == null) {
            endedAt = clock.instant();
            source.describe(ENDED_AT, endedAt.toString());
          }
          source.mark(0, media.positionSamples(), "Announcement ended");
          whenPlayed.run();
        });
  }

  /** Empty before it began, and for a call without one. */
  Optional<AnnouncementTimes> times() {
    return Optional.ofNullable(startedAt)
        .map(at -> new AnnouncementTimes(at, Optional.ofNullable(endedAt)));
  }
}
