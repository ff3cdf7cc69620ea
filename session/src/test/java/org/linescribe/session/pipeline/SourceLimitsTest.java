package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
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
  private final CodedRecogniser recogniser = new CodedRecogniser("coded");
  private final HeardSource heard = new HeardSource();
  private final MovableClock clock = new MovableClock();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private SessionPipeline pipeline;

  @BeforeEach
  void build() {
    SessionSettings d = SessionSettings.defaults();
    pipeline =
        SessionPipeline.builder()
            .recogniser("coded", recogniser)
            .settings(
                new SessionSettings(
                    d.maxSources(),
                    d.maxLegs(),
                    d.idleTime(),
                    d.maxLength(),
                    d.endpointSilence(),
                    d.partialTtl(),
                    d.storeBound(),
                    d.flushTime(),
                    Duration.ofSeconds(5),
                    d.outboxBytes(),
                    d.readerQueue()))
            .stores(SessionStores.embedded(data, Duration.ofSeconds(60)))
            .clock(clock)
            .meters(meters)
            .build();
  }

  @AfterEach
  void close() {
    pipeline.close();
    recogniser.close();
  }

  @Test
  void sourceThatLastsTooLongIsClosedAndItsWordsAreKept() throws Exception {
    SessionSource source = pipeline.open(SourceRequest.of(ID, "test"), heard);
    say(source, CodedSpeech.words(1));

    clock.advance(SessionSettings.defaults().maxLength().plusSeconds(1));

    await().until(() -> heard.closed.equals(List.of(SourceClosed.TOO_LONG)));
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1");
    assertThat(pipeline.find(ID).orElseThrow().endReason()).contains("too_long");
    assertThat(pipeline.openSources()).isZero();
  }

  @Test
  void utteranceLongerThanTheReplayTimeIsHeardAgainFromItsLatestPartOnly() throws Exception {
    SessionSource source = pipeline.open(SourceRequest.of(ID, "test"), heard);
    int[] words = IntStream.rangeClosed(1, 40).toArray();
    say(source, CodedSpeech.words(words));
    recogniser.settle();

    recogniser.streams.getFirst().fail();
    say(source, CodedSpeech.words(41));
    end(source);

    String text = heard.finals().getFirst().text();
    assertThat(meters.counter("linescribe.session.replay.truncated").count()).isPositive();
    assertThat(text).endsWith(CodedSpeech.text(38, 39, 40, 41)).doesNotContain("w10 ");
    // Five seconds are twenty words.
    assertThat(text.split(" ")).hasSizeBetween(17, 22);
    assertThat(heard.finals().getFirst().startMs()).isGreaterThan(4500);
  }

  @Test
  void askedEndpointSilenceReachesTheRecogniserElseTheSetting() throws Exception {
    SessionSource asked = pipeline.open(request(Optional.of(Duration.ofMillis(300))), heard);
    end(asked);
    SessionSource silent = pipeline.open(request(Optional.empty()), heard);
    end(silent);

    assertThat(recogniser.streams)
        .extracting(stream -> stream.options.endpointSilence())
        .containsExactly(Duration.ofMillis(300), SessionSettings.defaults().endpointSilence());
  }

  @Test
  void floodOfFlushesIsOneFlushAtATime() throws Exception {
    SessionSource source = pipeline.open(SourceRequest.of(ID, "test"), heard);
    recogniser.stuck = true;
    CompletionStage<Void> first = source.flush();
    await().until(() -> recogniser.streams.getFirst().flushes.get() == 1);

    List<CompletionStage<Void>> flood =
        IntStream.range(0, 1000).mapToObj(i -> source.flush()).toList();
    recogniser.streams.getFirst().letGo();

    first.toCompletableFuture().get(20, TimeUnit.SECONDS);
    for (CompletionStage<Void> flush : flood) {
      flush.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
    assertThat(recogniser.streams.getFirst().flushes).hasValue(2);
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

  private static void say(SessionSource source, float[] pcm) {
    for (int at = 0; at < pcm.length; at += 160) {
      int from = at;
      int count = Math.min(160, pcm.length - at);
      await().pollInterval(Duration.ofMillis(1)).until(() -> source.accept(0, pcm, from, count));
    }
  }

  private static void end(SessionSource source) throws Exception {
    source.end("bye").toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
