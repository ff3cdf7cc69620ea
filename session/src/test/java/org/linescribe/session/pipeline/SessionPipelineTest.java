package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;

class SessionPipelineTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private final CodedRecogniser recogniser = new CodedRecogniser("first");
  private final CodedRecogniser spare = new CodedRecogniser("second");
  private final HeardSource heard = new HeardSource();
  private final MovableClock clock = new MovableClock();
  private SessionPipeline pipeline;

  @BeforeEach
  void build() {
    pipeline =
        SessionPipeline.builder()
            .recogniser("first", recogniser)
            .recogniser("second", spare)
            .stores(SessionStores.embedded(data, Duration.ofSeconds(60)))
            .clock(clock)
            .build();
  }

  @AfterEach
  void close() {
    pipeline.close();
    recogniser.close();
    spare.close();
  }

  @Test
  void numbersAnnouncesAndKeepsEachUtterance() throws Exception {
    SessionSource source = pipeline.open(SourceRequest.of(ID, "test"), heard);

    say(source, CodedSpeech.words(1, 2), CodedSpeech.silence(1000), CodedSpeech.words(3));
    end(source);

    assertThat(heard.finals()).extracting(Segment::seq).containsExactly(1L, 2L);
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1 w2", "w3");
    assertThat(pipeline.segments(ID, 1, 100)).isEqualTo(heard.finals());
    assertThat(pipeline.find(ID).orElseThrow())
        .satisfies(
            record -> {
              assertThat(record.lastSeq()).isEqualTo(2);
              assertThat(record.endReason()).contains("bye");
              assertThat(record.legs()).containsExactly("caller");
            });
    assertThat(pipeline.openSources()).isZero();
    assertThat(pipeline.isLive(ID)).isFalse();
  }

  @Test
  void partialsCarryTheComingFinalsNumberAndComeOnlyOnChange() throws Exception {
    SessionSource source = pipeline.open(SourceRequest.of(ID, "test"), heard);

    source.accept(0, CodedSpeech.words(1), 0, 2000);
    await().until(() -> source.current(0).text().equals("w1"));
    source.accept(0, CodedSpeech.silence(100), 0, 800);
    say(source, CodedSpeech.silence(900));
    await().until(() -> heard.finals().size() == 1);
    source.accept(0, CodedSpeech.words(2), 0, 2000);
    await().until(() -> source.current(0).text().equals("w2"));

    assertThat(heard.partials())
        .extracting(p -> p.seq() + " " + p.text())
        .containsExactly("1 w1", "2 w2");
    assertThat(heard.partials().getFirst().confidence()).isEqualTo(0.5);
    end(source);
  }

  @Test
  void legsShareTheNumbersAndAnOpenPartialMovesOn() throws Exception {
    SourceRequest request =
        new SourceRequest(
            ID,
            "test",
            List.of(new SourceRequest.Leg("caller", 8000), new SourceRequest.Leg("callee", 8000)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of());
    SessionSource source = pipeline.open(request, heard);

    source.accept(0, CodedSpeech.words(1), 0, 2000);
    source.accept(1, CodedSpeech.words(2), 0, 2000);
    await()
        .until(() -> source.current(0).text().equals("w1") && !source.current(1).text().isEmpty());
    source.accept(1, CodedSpeech.silence(1000), 0, 8000);
    await().until(() -> source.current(0).seq() == 2);
    end(source);

    assertThat(heard.finals())
        .extracting(s -> s.seq() + " " + s.leg() + " " + s.text())
        .containsExactly("1 callee w2", "2 caller w1");
    assertThat(heard.partials()).extracting(p -> p.seq() + " " + p.text()).contains("2 w1");
  }

  @Test
  void laterSourceGoesOnAtTheNextNumberOnTheSessionsTimeline() throws Exception {
    SessionSource first = pipeline.open(SourceRequest.of(ID, "test"), heard);
    say(first, CodedSpeech.words(1));
    end(first);
    clock.advance(Duration.ofSeconds(30));
    HeardSource later = new HeardSource();

    SessionSource second = pipeline.open(SourceRequest.of(ID, "test"), later);
    say(second, CodedSpeech.words(2));
    end(second);

    assertThat(later.finals())
        .singleElement()
        .satisfies(
            s -> {
              assertThat(s.seq()).isEqualTo(2);
              assertThat(s.startMs()).isBetween(30_000L, 30_010L);
              assertThat(s.tokens().getFirst().startMs()).isEqualTo(s.startMs());
            });
  }

  @Test
  void newestSourceWinsInMidWordAfterTheOlderOnesWordsAreKept() throws Exception {
    SessionSource older = pipeline.open(SourceRequest.of(ID, "test"), heard);
    float[] cut = CodedSpeech.words(1, 2);
    older.accept(0, cut, 0, 3000);
    HeardSource newer = new HeardSource();

    SessionSource second = pipeline.open(SourceRequest.of(ID, "test"), newer);

    assertThat(heard.closed).containsExactly(SourceClosed.SUPERSEDED);
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1 cut2");
    assertThat(older.accept(0, cut, 0, 3000)).isFalse();
    say(second, CodedSpeech.words(3));
    end(second);
    assertThat(newer.finals()).extracting(Segment::seq).containsExactly(2L);
    assertThat(pipeline.segments(ID, 1, 10)).extracting(Segment::seq).containsExactly(1L, 2L);
  }

  @Test
  void flushMakesAFinalAndTheSourceGoesOn() throws Exception {
    SessionSource source = pipeline.open(SourceRequest.of(ID, "test"), heard);
    say(source, CodedSpeech.words(1));

    source.flush().toCompletableFuture().join();

    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1");
    say(source, CodedSpeech.words(2));
    end(source);
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1", "w2");
  }

  @Test
  void failedRecogniserIsReplacedInMidUtteranceWithoutLosingOrDoublingAWord() throws Exception {
    SessionSource source = pipeline.open(SourceRequest.of(ID, "test"), heard);
    say(source, CodedSpeech.words(1), CodedSpeech.silence(1000));
    await().until(() -> heard.finals().size() == 1);
    recogniser.failAfterWords = 4;

    say(source, CodedSpeech.words(2, 3, 4, 5, 6), CodedSpeech.silence(1000), CodedSpeech.words(7));
    end(source);

    assertThat(heard.finals())
        .extracting(Segment::text)
        .containsExactly("w1", "w2 w3 w4 w5 w6", "w7");
    assertThat(heard.finals()).extracting(Segment::seq).containsExactly(1L, 2L, 3L);
    assertThat(recogniser.opened).hasValue(2);
    assertThat(heard.finals().get(1).startMs()).isEqualTo(1250);
  }

  @Test
  void nextProviderTakesOverWhenTheFirstGivesNoStreamAnyMore() throws Exception {
    SessionSource source = pipeline.open(SourceRequest.of(ID, "test"), heard);
    say(source, CodedSpeech.words(1, 2));
    recogniser.settle();
    recogniser.refusing = true;
    recogniser.failAfterWords = 1;

    say(source, CodedSpeech.words(3, 4), CodedSpeech.silence(900));
    await().until(() -> !heard.finals().isEmpty());
    end(source);

    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1 w2 w3 w4");
    assertThat(heard.finals()).extracting(Segment::model).containsExactly("coded-second");
  }

  @Test
  void sourceIsClosedAsFailedWhenNoRecogniserIsLeft() throws Exception {
    SessionSource source = pipeline.open(SourceRequest.of(ID, "test"), heard);
    recogniser.refusing = true;
    spare.refusing = true;
    recogniser.failAfterWords = 1;

    source.accept(0, CodedSpeech.words(1, 2), 0, 4000);

    await().until(() -> heard.closed.contains(SourceClosed.FAILED));
    assertThat(pipeline.openSources()).isZero();
  }

  @Test
  void idleSourceIsClosedAndItsWordsAreKept() throws Exception {
    SessionSource source = pipeline.open(SourceRequest.of(ID, "test"), heard);
    say(source, CodedSpeech.words(1));

    clock.advance(Duration.ofMinutes(6));

    await().until(() -> heard.closed.equals(List.of(SourceClosed.IDLE)));
    assertThat(pipeline.segments(ID, 1, 10)).extracting(Segment::text).containsExactly("w1");
  }

  @Test
  void stuckRecogniserDoesNotKeepANewerSourceOut() throws Exception {
    pipeline.open(SourceRequest.of(ID, "test"), heard).accept(0, CodedSpeech.words(1), 0, 2000);
    recogniser.stuck = true;
    clock.runFree();

    SessionSource second = pipeline.open(SourceRequest.of(ID, "test"), new HeardSource());

    assertThat(heard.closed).containsExactly(SourceClosed.SUPERSEDED);
    recogniser.stuck = false;
    end(second);
  }

  @Test
  void overloadDrainingAndUnknownProvidersAreRefused() throws Exception {
    recogniser.saturated = true;
    assertThat(refusal(SourceRequest.of(ID, "test")))
        .isEqualTo(SessionRefusedException.Reason.OVERLOADED);
    recogniser.saturated = false;
    SourceRequest unknown =
        new SourceRequest(
            ID,
            "test",
            List.of(new SourceRequest.Leg("caller", 8000)),
            Optional.empty(),
            Optional.of("fi"),
            Optional.empty(),
            Map.of());
    assertThat(refusal(unknown)).isEqualTo(SessionRefusedException.Reason.UNSUPPORTED);
    SessionSource open = pipeline.open(SourceRequest.of(ID, "test"), heard);
    say(open, CodedSpeech.words(1));

    pipeline.drain(Duration.ofSeconds(5));

    assertThat(heard.closed).containsExactly(SourceClosed.DRAINING);
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1");
    assertThat(refusal(SourceRequest.of(ID, "test")))
        .isEqualTo(SessionRefusedException.Reason.DRAINING);
  }

  @Test
  void readersGetReplayThenLiveWithoutGapOrRepeat() throws Exception {
    SessionSource source = pipeline.open(SourceRequest.of(ID, "test"), heard);
    HeardReader early = new HeardReader();
    pipeline.subscribe(ID, 1, early);
    say(source, CodedSpeech.words(1), CodedSpeech.silence(1000), CodedSpeech.words(2));
    await().until(() -> heard.finals().size() == 1);
    HeardReader late = new HeardReader();
    pipeline.subscribe(ID, 1, late);
    HeardReader resumed = new HeardReader();
    pipeline.subscribe(ID, 2, resumed);

    say(source, CodedSpeech.silence(1000), CodedSpeech.words(3));
    end(source);

    await().untilAsserted(() -> assertThat(early.finalNumbers()).containsExactly(1L, 2L, 3L));
    await().untilAsserted(() -> assertThat(late.finalNumbers()).containsExactly(1L, 2L, 3L));
    await().untilAsserted(() -> assertThat(resumed.finalNumbers()).containsExactly(2L, 3L));
    await()
        .untilAsserted(
            () ->
                assertThat(early.events.getLast())
                    .isEqualTo(new TranscriptEvent.Ended(ID, 4, "bye")));
  }

  @Test
  void secondPipelineOnTheSameDirectoryIsToldSo() {
    assertThatThrownBy(
            () ->
                SessionPipeline.builder()
                    .recogniser("first", recogniser)
                    .stores(SessionStores.embedded(data, Duration.ofSeconds(60)))
                    .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(data.toString())
        .hasMessageContaining("in use");
  }

  private SessionRefusedException.Reason refusal(SourceRequest request) {
    try {
      pipeline.open(request, heard);
      throw new AssertionError("was admitted");
    } catch (SessionRefusedException refused) {
      return refused.reason();
    }
  }

  private static void say(SessionSource source, float[]... parts) {
    float[] pcm = CodedSpeech.join(parts);
    for (int at = 0; at < pcm.length; at += 160) {
      int from = at;
      int count = Math.min(160, pcm.length - at);
      await().pollInterval(Duration.ofMillis(1)).until(() -> source.accept(0, pcm, from, count));
    }
  }

  private static void end(SessionSource source) {
    source
        .end("bye")
        .toCompletableFuture()
        .orTimeout(20, java.util.concurrent.TimeUnit.SECONDS)
        .join();
  }
}
