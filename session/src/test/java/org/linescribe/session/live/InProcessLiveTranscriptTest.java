package org.linescribe.session.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class InProcessLiveTranscriptTest extends LiveTranscriptContract {
  private final LiveTranscript live =
      new InProcessLiveTranscript(Clock.systemUTC(), Duration.ofSeconds(60));

  @Override
  LiveTranscript writersNode() {
    return live;
  }

  @Override
  LiveTranscript readersNode() {
    return live;
  }

  @Test
  void partialIsForgottenAfterItsTimeToLive() {
    Instant[] now = {Instant.EPOCH};
    Clock clock =
        new Clock() {
          @Override
          public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return now[0];
          }
        };
    LiveTranscript timed = new InProcessLiveTranscript(clock, Duration.ofSeconds(60));
    timed.publish(partial(1, "one"));
    assertThat(timed.current(ID)).hasSize(1);

    now[0] = now[0].plusSeconds(60);

    assertThat(timed.current(ID)).isEmpty();
  }
}
