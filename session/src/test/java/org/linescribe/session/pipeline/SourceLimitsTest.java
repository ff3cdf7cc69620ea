package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.session.pipeline.Speaker.done;
import static org.linescribe.session.pipeline.Speaker.end;
import static org.linescribe.session.pipeline.Speaker.say;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceRequest;

/** What a source may use up, and what happens at the bound. */
class SourceLimitsTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private final CapturingListener received = new CapturingListener();
  private EmbeddedPipeline node;

  @BeforeEach
  void build() {
    node = new EmbeddedPipeline(data, settings -> settings.replayTime = Duration.ofSeconds(5));
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void sourceThatLastsTooLongIsClosedAndItsWordsAreKept() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(source, CodedSpeech.words(1));

    node.clock.advance(SessionSettings.defaults().maxLength().plusSeconds(1));

    await().until(() -> received.closed.equals(List.of(SourceClosed.TOO_LONG)));
    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1");
    assertThat(node.sessions.find(ID).orElseThrow().endReason()).contains("too_long");
    assertThat(node.sessions.openSources()).isZero();
  }

  @Test
  void wordsThatWereShownAreKeptWhenTheirDecoderDoesNotEnd() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(source, CodedSpeech.words(1, 2));
    say(source, CodedSpeech.silence(100));
    node.recogniser.settle();
    await().until(() -> source.current(0).text().equals("w1 w2"));
    node.recogniser.stuck = true;

    CompletionStage<Void> end = source.end("bye");
    await().until(() -> node.recogniser.streams.getFirst().flushes.get() == 1);
    node.clock.advance(new PatientSettings().flushTime.plusSeconds(1));

    done(end);
    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1 w2");
    assertThat(received.finals().getFirst().model()).isEqualTo("coded-first" + Segment.UNFINISHED);
    assertThat(node.sessions.segments(ID, 1, 10)).hasSize(1);
  }

  @Test
  void utteranceLongerThanTheReplayTimeIsHeardAgainFromItsLatestPartOnly() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(source, CodedSpeech.words(IntStream.rangeClosed(1, 39).toArray()));
    node.recogniser.settle();
    // Old audio is forgotten while new audio is written, as far as it is decoded by then.
    say(source, CodedSpeech.words(40));
    node.recogniser.settle();

    node.recogniser.streams.getFirst().fail();
    say(source, CodedSpeech.words(41));
    end(source);

    String text = received.finals().getFirst().text();
    assertThat(node.meters.counter("linescribe.session.replay.truncated").count()).isPositive();
    assertThat(text).endsWith(CodedSpeech.text(38, 39, 40, 41)).doesNotContain("w10 ");
    // Five seconds are twenty words.
    assertThat(text.split(" ")).hasSizeBetween(17, 22);
    assertThat(received.finals().getFirst().startMs()).isGreaterThan(4500);
  }

  @Test
  void askedEndpointSilenceReachesTheRecogniserElseTheSetting() throws Exception {
    SessionSource asked =
        node.sessions.open(request(Optional.of(Duration.ofMillis(300))), received);
    end(asked);
    SessionSource silent = node.sessions.open(request(Optional.empty()), received);
    end(silent);

    assertThat(node.recogniser.streams)
        .extracting(stream -> stream.options.endpointSilence())
        .containsExactly(Duration.ofMillis(300), SessionSettings.defaults().endpointSilence());
  }

  @Test
  void floodOfFlushesIsOneFlushAtATime() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    node.recogniser.stuck = true;
    CompletionStage<Void> first = source.flush();
    await().until(() -> node.recogniser.streams.getFirst().flushes.get() == 1);

    List<CompletionStage<Void>> flood =
        IntStream.range(0, 1000).mapToObj(i -> source.flush()).toList();
    node.recogniser.streams.getFirst().letGo();

    done(first);
    for (CompletionStage<Void> flush : flood) {
      done(flush);
    }
    assertThat(node.recogniser.streams.getFirst().flushes).hasValue(2);
    end(source);
  }

  private static SourceRequest request(Optional<Duration> endpointSilence) {
    return new SourceRequest(
        ID,
        "test",
        Optional.empty(),
        List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000)),
        RecognitionRequest.DEFAULT.withEndpointSilence(endpointSilence),
        Map.of());
  }
}
