package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;

/** A session that goes on where the clock is behind that of the machine where it began. */
class ClockBehindTest {
  private static final SessionId ID = new SessionId("moved");

  @TempDir private Path data;

  @Test
  void itsEndIsKept() throws Exception {
    try (EmbeddedPipeline ahead = new EmbeddedPipeline(data)) {
      ahead.clock.advance(Duration.ofHours(1));
      Speaker.end(ahead.sessions.open(SourceRequest.of(ID, "first"), new CapturingListener()));
    }
    try (EmbeddedPipeline behind = new EmbeddedPipeline(data)) {
      SessionSource source =
          behind.sessions.open(SourceRequest.of(ID, "second"), new CapturingListener());
      SessionRecord open = behind.sessions.find(ID).orElseThrow();
      assertThat(open.kind()).isEqualTo("second");
      assertThat(open.endedAt()).isEmpty();

      Speaker.end(source);

      assertThat(behind.sessions.find(ID).orElseThrow().endedAt()).isPresent();
    }
  }
}
