package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.linescribe.session.pipeline.Speaker.end;
import static org.linescribe.session.pipeline.Speaker.say;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.testsupport.Patience;

class SessionPipelineTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private final CapturingListener received = new CapturingListener();
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
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);

    say(source, CodedSpeech.words(1, 2), CodedSpeech.silence(1000), CodedSpeech.words(3));
    end(source);

    assertThat(received.finals()).extracting(Segment::seq).containsExactly(1L, 2L);
    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1 w2", "w3");
    assertThat(node.sessions.segments(ID, 1, 100)).isEqualTo(received.finals());
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
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);

    source.write(0, CodedSpeech.words(1), 0, 2000);
    await().until(() -> source.current(0).text().equals("w1"));
    source.write(0, CodedSpeech.silence(100), 0, 800);
    say(source, CodedSpeech.silence(900));
    await().until(() -> received.finals().size() == 1);
    source.write(0, CodedSpeech.words(2), 0, 2000);
    await().until(() -> source.current(0).text().equals("w2"));

    end(source);

    assertThat(received.partials())
        .extracting(p -> p.seq() + " " + p.text())
        .containsExactly("1 w1", "2 w2");
    assertThat(received.partials().getFirst().confidence()).isEqualTo(0.5);
  }

  @Test
  void laterSourceGoesOnAtTheNextNumberOnTheSessionsTimeline() throws Exception {
    SessionSource first = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(first, CodedSpeech.words(1));
    end(first);
    node.clock.advance(Duration.ofSeconds(30));
    CapturingListener later = new CapturingListener();

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
  void tellsReadersOfAKeyOnTheSessionsTimelineAndKeepsNone() throws Exception {
    SessionSource first = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(first, CodedSpeech.words(1));
    end(first);
    node.clock.advance(Duration.ofSeconds(30));
    SessionSource second = node.sessions.open(SourceRequest.of(ID, "test"), received);
    CapturingReader reader = new CapturingReader();
    node.sessions.subscribe(ID, 1, reader);
    await().until(() -> reader.finalNumbers().equals(List.of(1L)));

    second.dtmf(0, '#', 8000);
    second.mark(0, 4000, "Announcement ended");

    await()
        .untilAsserted(
            () ->
                assertThat(reader.events)
                    .contains(new TranscriptEvent.Dtmf(ID, 2, "caller", '#', 31_000)));
    say(second, CodedSpeech.words(2));
    end(second);
    assertThat(node.sessions.find(ID).orElseThrow().attributes())
        .containsEntry("mark.30500", "Announcement ended");
    assertThat(node.sessions.segments(ID, 1, 100)).extracting(Segment::seq).containsExactly(1L, 2L);
    CapturingReader later = new CapturingReader();
    node.sessions.subscribe(ID, 1, later);
    await().until(() -> later.finalNumbers().equals(List.of(1L, 2L)));
    assertThat(later.events).noneMatch(TranscriptEvent.Dtmf.class::isInstance);
  }

  @Test
  void newestSourceWinsInMidWordAfterTheOlderOnesWordsAreKept() throws Exception {
    SessionSource older = node.sessions.open(SourceRequest.of(ID, "test"), received);
    short[] cut = CodedSpeech.words(1, 2);
    older.write(0, cut, 0, 3000);
    CapturingListener newer = new CapturingListener();

    SessionSource second = node.sessions.open(SourceRequest.of(ID, "test"), newer);

    assertThat(received.closed).containsExactly(SourceClosed.SUPERSEDED);
    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1 cut2");
    assertThat(older.write(0, cut, 0, 3000)).isZero();
    say(second, CodedSpeech.words(3));
    end(second);
    assertThat(newer.finals()).extracting(Segment::seq).containsExactly(2L);
    assertThat(node.sessions.segments(ID, 1, 10)).extracting(Segment::seq).containsExactly(1L, 2L);
  }

  @Test
  void failedRecogniserIsReplacedInMidUtteranceWithoutLosingOrDoublingAWord() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(source, CodedSpeech.words(1), CodedSpeech.silence(1000));
    await().until(() -> received.finals().size() == 1);
    node.recogniser.failAfterWords = 4;

    say(source, CodedSpeech.words(2, 3, 4, 5, 6), CodedSpeech.silence(1000), CodedSpeech.words(7));
    end(source);

    assertThat(received.finals())
        .extracting(Segment::text)
        .containsExactly("w1", "w2 w3 w4 w5 w6", "w7");
    assertThat(received.finals()).extracting(Segment::seq).containsExactly(1L, 2L, 3L);
    assertThat(node.recogniser.opened).hasValue(2);
    assertThat(received.finals().get(1).startMs()).isEqualTo(1250);
  }

  @Test
  void nextProviderTakesOverWhenTheFirstGivesNoStreamAnyMore() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(source, CodedSpeech.words(1, 2));
    node.recogniser.settle();
    node.recogniser.refusing = true;
    node.recogniser.failAfterWords = 1;

    say(source, CodedSpeech.words(3, 4), CodedSpeech.silence(900));
    await().until(() -> !received.finals().isEmpty());
    end(source);

    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1 w2 w3 w4");
    assertThat(received.finals()).extracting(Segment::model).containsExactly("coded-second");
  }

  @Test
  void sourceIsClosedAsFailedWhenNoRecogniserIsLeft() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    node.recogniser.refusing = true;
    node.spare.refusing = true;
    node.recogniser.failAfterWords = 1;

    source.write(0, CodedSpeech.words(1, 2), 0, 4000);

    await().until(() -> received.closed.contains(SourceClosed.FAILED));
    assertThat(node.sessions.openSources()).isZero();
  }

  @Test
  void idleSourceIsClosedAndItsWordsAreKept() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(source, CodedSpeech.words(1));

    node.clock.advance(Duration.ofMinutes(6));

    await().until(() -> received.closed.equals(List.of(SourceClosed.IDLE)));
    assertThat(node.sessions.segments(ID, 1, 10)).extracting(Segment::text).containsExactly("w1");
  }

  @Test
  void stuckRecogniserDoesNotKeepANewerSourceOut() throws Exception {
    SessionSource older = node.sessions.open(SourceRequest.of(ID, "test"), received);
    older.write(0, CodedSpeech.words(1), 0, 2000);
    node.recogniser.stuck = true;
    CompletableFuture<SessionSource> second =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return node.sessions.open(SourceRequest.of(ID, "test"), new CapturingListener());
              } catch (SessionRefusedException refused) {
                throw new AssertionError(refused);
              }
            });
    await().until(() -> node.recogniser.streams.getFirst().flushes.get() == 1);
    assertThat(second).isNotDone();

    node.clock.advance(new PatientSettings().flushTime.plusSeconds(1));

    SessionSource newer = second.get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(received.closed).containsExactly(SourceClosed.SUPERSEDED);
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
            Optional.empty(),
            List.of(new SourceRequest.Leg("caller", 8000)),
            RecognitionRequest.DEFAULT.withLanguage(Optional.of("fi")),
            Map.of());
    assertThat(refusal(unknown)).isEqualTo(SessionRefusedException.Reason.UNSUPPORTED);
    SessionSource open = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(open, CodedSpeech.words(1));

    node.sessions.drain(Patience.LIMIT);

    assertThat(received.closed).containsExactly(SourceClosed.DRAINING);
    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1");
    assertThat(refusal(SourceRequest.of(ID, "test")))
        .isEqualTo(SessionRefusedException.Reason.DRAINING);
  }

  @Test
  void readersGetReplayThenLiveWithoutGapOrRepeat() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    CapturingReader early = new CapturingReader();
    node.sessions.subscribe(ID, 1, early);
    say(source, CodedSpeech.words(1), CodedSpeech.silence(1000), CodedSpeech.words(2));
    await().until(() -> received.finals().size() == 1);
    CapturingReader late = new CapturingReader();
    node.sessions.subscribe(ID, 1, late);
    CapturingReader resumed = new CapturingReader();
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
  void attributeLearntAfterTheOpeningIsKeptWithThoseOfItAndForTheNextSource() throws Exception {
    SessionSource source =
        node.sessions.open(request(Map.of("codec", "auto", "law", "pcmu")), received);

    source.describe("law", "pcma");

    await()
        .untilAsserted(
            () ->
                assertThat(node.sessions.find(ID).orElseThrow().attributes())
                    .isEqualTo(Map.of("codec", "auto", "law", "pcma")));
    assertThat(node.sessions.find(ID).orElseThrow().endedAt()).isEmpty();
    end(source);
    assertThat(node.sessions.find(ID).orElseThrow().endReason()).contains("bye");
    end(node.sessions.open(request(Map.of("codec", "auto")), new CapturingListener()));
    assertThat(node.sessions.find(ID).orElseThrow().attributes())
        .isEqualTo(Map.of("codec", "auto", "law", "pcma"));
    assertThatThrownBy(() -> source.describe("law", "x".repeat(1025)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("law");
  }

  @Test
  void modelWhoseNameNoSegmentCanHoldIsRefusedAtTheStart() {
    SessionStores stores = SessionStores.embedded(data.resolve("other"), Patience.LIMIT);
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
    return new SourceRequest(
        ID,
        "test",
        Optional.empty(),
        List.of(new SourceRequest.Leg("caller", 8000)),
        RecognitionRequest.DEFAULT,
        attributes);
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
      node.sessions.open(request, received);
      throw new AssertionError("was admitted");
    } catch (SessionRefusedException refused) {
      return refused.reason();
    }
  }
}
