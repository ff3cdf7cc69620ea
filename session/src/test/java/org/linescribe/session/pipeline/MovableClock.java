package org.linescribe.session.pipeline;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that stands until a test moves it, or lets it run. */
final class MovableClock extends Clock {
  private final AtomicReference<Clock> now =
      new AtomicReference<>(Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC));

  void advance(Duration by) {
    now.updateAndGet(clock -> Clock.offset(clock, by));
  }

  void runFree() {
    now.updateAndGet(
        clock -> Clock.offset(Clock.systemUTC(), Duration.between(Instant.now(), clock.instant())));
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }

  @Override
  public Instant instant() {
    return now.get().instant();
  }
}
