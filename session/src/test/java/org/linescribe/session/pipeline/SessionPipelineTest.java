package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.linescribe.session.Patience.PATIENCE;
import static org.linescribe.session.Patience.await;
import static org.linescribe.session.pipeline.Speaker.end;
import static org.linescribe.session.pipeline.Speaker.say;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
  private final HeardSource heard = new HeardSource();
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
  void numbersAnnouncesAndKeepsEachUtterance() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);

    say(source, CodedSpeech.words(1, 2), CodedSpeech.silence(1000), CodedSpeech.words(3));
    end(source);

    assertThat(heard.finals()).extracting(Segment::seq).containsExactly(1L, 2L);
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1 w2", "w3");
    assertThat(node.sessions.segments(ID, 1, 100)).isEqualTo(heard.finals());
    assertThat(node.sessions.find(ID).orElseThrow())
        .satisfies(
            record -> {
              assertThat(record.lastSeq()).isEqualTo(2);
              assertThat(record.endReason()).contains("bye");
              assertThat(record.legs()).containsExactly("caller");
            });
    assertThat(node.sessions.openSources()).isZero();
    assertThat(node.sessions.isLive(ID)).isFalse();
  }

  @Test
  void partialsCarryTheComingFinalsNumberAndComeOnlyOnChange() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);

    source.accept(0, CodedSpeech.words(1), 0, 2000);
    await().until(() -> source.current(0).text().equals("w1"));
    source.accept(0, CodedSpeech.silence(100), 0, 800);
    say(source, CodedSpeech.silence(900));
    await().until(() -> heard.finals().size() == 1);
    source.accept(0, CodedSpeech.words(2), 0, 2000);
    await().until(() -> source.current(0).text().equals("w2"));

    end(source);

    assertThat(heard.partials())
        .extracting(p -> p.seq() + " " + p.text())
        .containsExactly("1 w1", "2 w2");
    assertThat(heard.partials().getFirst().confidence()).isEqualTo(0.5);
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
    SessionSource source = node.sessions.open(request, heard);

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
    SessionSource first = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    say(first, CodedSpeech.words(1));
    end(first);
    node.clock.advance(Duration.ofSeconds(30));
    HeardSource later = new HeardSource();

    SessionSource second = node.sessions.open(SourceRequest.of(ID, "test"), later);
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
    SessionSource older = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    float[] cut = CodedSpeech.words(1, 2);
    older.accept(0, cut, 0, 3000);
    HeardSource newer = new HeardSource();

    SessionSource second = node.sessions.open(SourceRequest.of(ID, "test"), newer);

    assertThat(heard.closed).containsExactly(SourceClosed.SUPERSEDED);
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1 cut2");
    assertThat(older.accept(0, cut, 0, 3000)).isFalse();
    say(second, CodedSpeech.words(3));
    end(second);
    assertThat(newer.finals()).extracting(Segment::seq).containsExactly(2L);
    assertThat(node.sessions.segments(ID, 1, 10)).extracting(Segment::seq).containsExactly(1L, 2L);
  }

  @Test
  void failedRecogniserIsReplacedInMidUtteranceWithoutLosingOrDoublingAWord() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    say(source, CodedSpeech.words(1), CodedSpeech.silence(1000));
    await().until(() -> heard.finals().size() == 1);
    node.recogniser.failAfterWords = 4;

    say(source, CodedSpeech.words(2, 3, 4, 5, 6), CodedSpeech.silence(1000), CodedSpeech.words(7));
    end(source);

    assertThat(heard.finals())
        .extracting(Segment::text)
        .containsExactly("w1", "w2 w3 w4 w5 w6", "w7");
    assertThat(heard.finals()).extracting(Segment::seq).containsExactly(1L, 2L, 3L);
    assertThat(node.recogniser.opened).hasValue(2);
    assertThat(heard.finals().get(1).startMs()).isEqualTo(1250);
  }

  @Test
  void nextProviderTakesOverWhenTheFirstGivesNoStreamAnyMore() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    say(source, CodedSpeech.words(1, 2));
    node.recogniser.settle();
    node.recogniser.refusing = true;
    node.recogniser.failAfterWords = 1;

    say(source, CodedSpeech.words(3, 4), CodedSpeech.silence(900));
    await().until(() -> !heard.finals().isEmpty());
    end(source);

    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1 w2 w3 w4");
    assertThat(heard.finals()).extracting(Segment::model).containsExactly("coded-second");
  }

  @Test
  void sourceIsClosedAsFailedWhenNoRecogniserIsLeft() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    node.recogniser.refusing = true;
    node.spare.refusing = true;
    node.recogniser.failAfterWords = 1;

    source.accept(0, CodedSpeech.words(1, 2), 0, 4000);

    await().until(() -> heard.closed.contains(SourceClosed.FAILED));
    assertThat(node.sessions.openSources()).isZero();
  }

  @Test
  void idleSourceIsClosedAndItsWordsAreKept() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    say(source, CodedSpeech.words(1));

    node.clock.advance(Duration.ofMinutes(6));

    await().until(() -> heard.closed.equals(List.of(SourceClosed.IDLE)));
    assertThat(node.sessions.segments(ID, 1, 10)).extracting(Segment::text).containsExactly("w1");
  }

  @Test
  void stuckRecogniserDoesNotKeepANewerSourceOut() throws Exception {
    SessionSource older = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    older.accept(0, CodedSpeech.words(1), 0, 2000);
    node.recogniser.stuck = true;
    CompletableFuture<SessionSource> second =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return node.sessions.open(SourceRequest.of(ID, "test"), new HeardSource());
              } catch (SessionRefusedException refused) {
                throw new AssertionError(refused);
              }
            });
    await().until(() -> node.recogniser.streams.getFirst().flushes.get() == 1);
    assertThat(second).isNotDone();

    node.clock.advance(new PatientSettings().flushTime.plusSeconds(1));

    SessionSource newer = second.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(heard.closed).containsExactly(SourceClosed.SUPERSEDED);
    node.recogniser.stuck = false;
    end(newer);
  }

  @Test
  void overloadDrainingAndUnknownProvidersAreRefused() throws Exception {
    node.recogniser.saturated = true;
    assertThat(refusal(SourceRequest.of(ID, "test")))
        .isEqualTo(SessionRefusedException.Reason.OVERLOADED);
    node.recogniser.saturated = false;
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
    SessionSource open = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    say(open, CodedSpeech.words(1));

    node.sessions.drain(PATIENCE);

    assertThat(heard.closed).containsExactly(SourceClosed.DRAINING);
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1");
    assertThat(refusal(SourceRequest.of(ID, "test")))
        .isEqualTo(SessionRefusedException.Reason.DRAINING);
  }

  @Test
  void readersGetReplayThenLiveWithoutGapOrRepeat() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    HeardReader early = new HeardReader();
    node.sessions.subscribe(ID, 1, early);
    say(source, CodedSpeech.words(1), CodedSpeech.silence(1000), CodedSpeech.words(2));
    await().until(() -> heard.finals().size() == 1);
    HeardReader late = new HeardReader();
    node.sessions.subscribe(ID, 1, late);
    HeardReader resumed = new HeardReader();
    node.sessions.subscribe(ID, 2, resumed);

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
  void attributeThatTheDoorLearntLaterIsKeptWithThoseOfTheOpeningAndForTheNextSource()
      throws Exception {
    SessionSource source =
        node.sessions.open(request(Map.of("codec", "auto", "law", "pcmu")), heard);

    source.describe("law", "pcma");

    await()
        .untilAsserted(
            () ->
                assertThat(node.sessions.find(ID).orElseThrow().attributes())
                    .isEqualTo(Map.of("codec", "auto", "law", "pcma")));
    assertThat(node.sessions.find(ID).orElseThrow().endedAt()).isEmpty();
    end(source);
    assertThat(node.sessions.find(ID).orElseThrow().endReason()).contains("bye");
    end(node.sessions.open(request(Map.of("codec", "auto")), new HeardSource()));
    assertThat(node.sessions.find(ID).orElseThrow().attributes())
        .isEqualTo(Map.of("codec", "auto", "law", "pcma"));
    assertThatThrownBy(() -> source.describe("law", "x".repeat(1025)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("law");
  }

  @Test
  void legsOfASessionThatIsOpenedAgainAndAgainAreBounded() throws Exception {
    for (int opening = 0; opening < 40; opening++) {
      int first = 8 * opening;
      List<SourceRequest.Leg> legs =
          IntStream.range(first, first + 8)
              .mapToObj(leg -> new SourceRequest.Leg("leg-" + leg, 8000))
              .toList();
      end(node.sessions.open(request(Map.of(), legs), new HeardSource()));
    }

    assertThat(node.sessions.find(ID).orElseThrow().legs())
        .hasSize(256)
        .contains("leg-319")
        .doesNotContain("leg-0");
  }

  @Test
  void modelWhoseNameNoSegmentCanHoldIsRefusedAtTheStart() {
    SessionStores stores = SessionStores.embedded(data.resolve("other"), PATIENCE);
    assertThatThrownBy(
            () ->
                SessionPipeline.builder()
                    .recogniser("long", new CodedRecogniser("x".repeat(200)))
                    .stores(stores)
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model of long")
        .hasMessageContaining("at most 128");
  }

  private static SourceRequest request(Map<String, String> attributes) {
    return request(attributes, List.of(new SourceRequest.Leg("caller", 8000)));
  }

  private static SourceRequest request(
      Map<String, String> attributes, List<SourceRequest.Leg> legs) {
    return new SourceRequest(
        ID, "test", legs, Optional.empty(), Optional.empty(), Optional.empty(), attributes);
  }

  @Test
  void secondPipelineOnTheSameDirectoryIsToldSo() {
    assertThatThrownBy(
            () ->
                SessionPipeline.builder()
                    .recogniser("first", node.recogniser)
                    .stores(SessionStores.embedded(data, Duration.ofSeconds(60)))
                    .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(data.toString())
        .hasMessageContaining("in use");
  }

  private SessionRefusedException.Reason refusal(SourceRequest request) {
    try {
      node.sessions.open(request, heard);
      throw new AssertionError("was admitted");
    } catch (SessionRefusedException refused) {
      return refused.reason();
    }
  }
}
