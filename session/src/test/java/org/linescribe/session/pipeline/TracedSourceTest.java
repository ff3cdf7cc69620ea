package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.linescribe.session.pipeline.Speaker.end;
import static org.linescribe.session.pipeline.Speaker.say;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.tracing.SessionStep;

/** The steps that a source tells of. */
class TracedSourceTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private EmbeddedPipeline node;

  @BeforeEach
  void build() {
    node = new EmbeddedPipeline(data);
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void tellsOfItsOpeningAndOfEachUtterance() throws Exception {
    SessionSource source =
        node.sessions.open(
            SourceRequest.of(ID, "test").inTrace(Optional.of("00-a-b-01")),
            new CapturingListener());
    say(source, CodedSpeech.words(1));
    say(source, CodedSpeech.silence(2000));
    say(source, CodedSpeech.words(2));
    end(source);

    RecordedTraces told = node.traces;
    assertThat(told.begun).containsExactly("test 00-a-b-01");
    assertThat(told.of(SessionStep.Opened.class))
        .containsExactly(new SessionStep.Opened(1, "coded-first", Optional.empty()));
    assertThat(told.of(SessionStep.Stored.class))
        .containsExactly(new SessionStep.Stored(1, true), new SessionStep.Stored(2, true));
    assertThat(told.of(SessionStep.Announced.class))
        .containsExactly(new SessionStep.Announced(1), new SessionStep.Announced(2));
    assertThat(told.of(SessionStep.Decoded.class))
        .hasSize(2)
        .allSatisfy(
            decoded -> {
              assertThat(decoded.leg()).isEqualTo("caller");
              assertThat(decoded.model()).isEqualTo("coded-first");
              assertThat(decoded.endMs()).isGreaterThan(decoded.startMs());
            });
    assertThat(told.steps).allMatch(step -> step.startNs() <= step.endNs());
    assertThat(told.ended).hasSize(1);
  }

  @Test
  void tellsOfASourceThatIsRefused() {
    SourceRequest request =
        new SourceRequest(
            ID,
            "test",
            Optional.empty(),
            SourceRequest.of(ID, "test").legs(),
            RecognitionRequest.DEFAULT.withModel(Optional.of("none-such")),
            Map.of());

    assertThatThrownBy(() -> node.sessions.open(request, new CapturingListener()))
        .isInstanceOf(SessionRefusedException.class);
    assertThat(node.traces.of(SessionStep.Opened.class))
        .containsExactly(new SessionStep.Opened(1, "", Optional.of("unsupported")));
    assertThat(node.traces.ended).containsExactly("unsupported");
  }
}
