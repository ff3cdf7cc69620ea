package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.session.Patience.await;
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
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceRequest;

/** What a source may use up, and what happens at the bound. */
class SourceLimitsTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private final HeardSource heard = new HeardSource();
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
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    say(source, CodedSpeech.words(1));

    node.clock.advance(SessionSettings.defaults().maxLength().plusSeconds(1));

    await().until(() -> heard.closed.equals(List.of(SourceClosed.TOO_LONG)));
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1");
    assertThat(node.sessions.find(ID).orElseThrow().endReason()).contains("too_long");
    assertThat(node.sessions.openSources()).isZero();
  }

  @Test
  void utteranceLongerThanTheReplayTimeIsHeardAgainFromItsLatestPartOnly() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    int[] words = IntStream.rangeClosed(1, 40).toArray();
    say(source, CodedSpeech.words(words));
    node.recogniser.settle();

    node.recogniser.streams.getFirst().fail();
    say(source, CodedSpeech.words(41));
    end(source);

    String text = heard.finals().getFirst().text();
    assertThat(node.meters.counter("linescribe.session.replay.truncated").count()).isPositive();
    assertThat(text).endsWith(CodedSpeech.text(38, 39, 40, 41)).doesNotContain("w10 ");
    // Five seconds are twenty words.
    assertThat(text.split(" ")).hasSizeBetween(17, 22);
    assertThat(heard.finals().getFirst().startMs()).isGreaterThan(4500);
  }

  @Test
  void askedEndpointSilenceReachesTheRecogniserElseTheSetting() throws Exception {
    SessionSource asked = node.sessions.open(request(Optional.of(Duration.ofMillis(300))), heard);
    end(asked);
    SessionSource silent = node.sessions.open(request(Optional.empty()), heard);
    end(silent);

    assertThat(node.recogniser.streams)
        .extracting(stream -> stream.options.endpointSilence())
        .containsExactly(Duration.ofMillis(300), SessionSettings.defaults().endpointSilence());
  }

  @Test
  void floodOfFlushesIsOneFlushAtATime() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);
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
        List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000)),
        endpointSilence,
        Optional.empty(),
        Optional.empty(),
        Map.of());
  }
}
