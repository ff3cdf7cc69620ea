package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;

/** A session that is erased, and one that opens under its id afterwards. */
class ErasedSessionTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private final CapturingListener received = new CapturingListener();

  private static SourceRequest from(String caller) {
    SourceRequest request = SourceRequest.of(ID, "test");
    return new SourceRequest(
        ID,
        request.kind(),
        Optional.empty(),
        request.legs(),
        RecognitionRequest.DEFAULT,
        Map.of(caller, "x"));
  }

  @Test
  void nothingOfItIsInTheNextSessionOfItsId() throws Exception {
    try (EmbeddedPipeline node = new EmbeddedPipeline(data)) {
      SessionSource first = node.sessions.open(from("alice"), received);
      Speaker.utter(first, 1, 2);
      assertThatThrownBy(() -> node.sessions.erase(ID, true))
          .isInstanceOf(SessionOpenException.class);
      Speaker.end(first);

      assertThat(node.sessions.erase(ID, false)).isEqualTo(OptionalLong.of(2));

      SessionSource next = node.sessions.open(from("bob"), received);
      Speaker.utter(next, 3, 3);
      Speaker.end(next);
      assertThat(node.sessions.segments(ID, 1, 10)).extracting(Segment::seq).containsExactly(1L);
      assertThat(node.sessions.find(ID).orElseThrow().attributes()).containsOnlyKeys("bob");
    }
  }
}
