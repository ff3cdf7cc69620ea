package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.linescribe.session.pipeline.Speaker.done;
import static org.linescribe.session.pipeline.Speaker.end;
import static org.linescribe.session.pipeline.Speaker.say;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Participant;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;

/** Sources of several legs, and legs that join. */
class PipelineLegsTest {
  private static final SessionId ID = new SessionId("call-1");

  private static final Participant CAROL =
      new Participant("Carol", "sip:carol@x", Optional.empty());

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
  void legsShareTheNumbersAndAnOpenPartialMovesOn() throws Exception {
    SourceRequest request =
        request(
            List.of(new SourceRequest.Leg("caller", 8000), new SourceRequest.Leg("callee", 8000)));
    SessionSource source = node.sessions.open(request, received);

    source.write(0, CodedSpeech.words(1), 0, 2000);
    source.write(1, CodedSpeech.words(2), 0, 2000);
    await()
        .until(() -> source.current(0).text().equals("w1") && !source.current(1).text().isEmpty());
    source.write(1, CodedSpeech.silence(1000), 0, 8000);
    await().until(() -> source.current(0).seq() == 2);
    end(source);

    assertThat(received.finals())
        .extracting(s -> s.seq() + " " + s.leg() + " " + s.text())
        .containsExactly("1 callee w2", "2 caller w1");
    assertThat(received.partials()).extracting(p -> p.seq() + " " + p.text()).contains("2 w1");
  }

  /** Another party joins the call: numbered with the rest, at its time, without delay. */
  @Test
  void aLegThatIsAddedIsTranscribedIntoTheSameNumbers() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(source, CodedSpeech.words(1), CodedSpeech.silence(1000));
    await().until(() -> received.finals().size() == 1);

    int added = source.addLeg(new SourceRequest.Leg("third", 8000), 10_000).orElseThrow();
    source.participant(added, CAROL);
    source.write(added, CodedSpeech.words(2), 0, 2000);
    await().until(() -> source.current(added).text().equals("w2"));
    say(source, CodedSpeech.words(3), CodedSpeech.silence(1000));
    await().until(() -> received.finals().size() == 2);
    end(source);

    assertThat(received.finals())
        .extracting(s -> s.seq() + " " + s.leg() + " " + s.text())
        .containsExactly("1 caller w1", "2 caller w3", "3 third w2");
    Segment last = received.finals().getLast();
    assertThat(last.startMs()).isBetween(1250L, 1260L);
    assertThat(last.participant()).contains(CAROL);
    assertThat(node.sessions.find(ID).orElseThrow().legs()).containsExactly("caller", "third");
  }

  @Test
  void asManyLegsAreAddedAsASourceMayHaveAndNoneToAClosedOne() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    for (int leg = 1; leg < 8; leg++) {
      assertThat(source.addLeg(new SourceRequest.Leg("leg-" + leg, 8000), 0)).hasValue(leg);
    }
    assertThat(source.addLeg(new SourceRequest.Leg("one-more", 8000), 0)).isEmpty();
    assertThatThrownBy(() -> source.addLeg(new SourceRequest.Leg("leg-1", 8000), 0))
        .isInstanceOf(IllegalArgumentException.class);
    end(source);
    assertThat(source.addLeg(new SourceRequest.Leg("late", 8000), 0)).isEmpty();
  }

  /** Its timeline goes on, its audio is dropped, and the others are not touched. */
  @Test
  void anAddedLegThatGetsNoRecogniserCostsTheOthersNothing() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(source, CodedSpeech.words(1));
    node.recogniser.refusing = true;
    node.spare.refusing = true;
    int added = source.addLeg(new SourceRequest.Leg("deaf", 8000), 2000).orElseThrow();
    await().until(() -> node.meters.counter("linescribe.session.utterances.abandoned").count() > 0);
    for (int times = 0; times < 50; times++) {
      assertThat(source.write(added, CodedSpeech.words(2), 0, 2000)).isEqualTo(2000);
    }
    assertThat(source.backlogMs(added)).isZero();
    done(source.flush());
    node.recogniser.refusing = false;
    say(source, CodedSpeech.words(3));
    end(source);

    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1", "w3");
  }

  @Test
  void legsOfASessionThatIsOpenedAgainAndAgainAreBounded() throws Exception {
    for (int opening = 0; opening < 40; opening++) {
      int first = 8 * opening;
      List<SourceRequest.Leg> legs =
          IntStream.range(first, first + 8)
              .mapToObj(leg -> new SourceRequest.Leg("leg-" + leg, 8000))
              .toList();
      end(node.sessions.open(request(legs), new CapturingListener()));
    }

    assertThat(node.sessions.find(ID).orElseThrow().legs())
        .hasSize(256)
        .contains("leg-319")
        .doesNotContain("leg-0");
  }

  private static SourceRequest request(List<SourceRequest.Leg> legs) {
    return new SourceRequest(
        ID, "test", Optional.empty(), legs, RecognitionRequest.DEFAULT, Map.of());
  }
}
