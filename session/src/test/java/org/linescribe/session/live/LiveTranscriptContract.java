package org.linescribe.session.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;

/** What every live transcript keeps to, for a reader on the writer's node and on another. */
abstract class LiveTranscriptContract {
  static final SessionId ID = new SessionId("call-1");

  abstract LiveTranscript writersNode();

  /** A node of the same fleet; the writer's own where there is only one. */
  abstract LiveTranscript readersNode();

  @Test
  void readersHearEventsInOrder() {
    CapturingLiveListener received = listen(readersNode(), ID);
    CapturingLiveListener near = listen(writersNode(), ID);
    List<TranscriptEvent> events =
        List.of(
            partial(1, "one"),
            partial(1, "one two"),
            fin(1, "grüße 😀"),
            new TranscriptEvent.Ended(ID, 2, "bye"));

    events.forEach(writersNode()::publish);

    await().untilAsserted(() -> assertThat(received.events).isEqualTo(events));
    assertThat(near.events).isEqualTo(events);
  }

  @Test
  void closedRegistrationAndOtherSessionsHearNothing() {
    CapturingLiveListener closed = listen(readersNode(), ID);
    CapturingLiveListener other = listen(readersNode(), new SessionId("call-2"));
    CapturingLiveListener still = listen(readersNode(), ID);
    closed.registration.close();
    closed.events.clear();
    other.events.clear();

    writersNode().publish(partial(1, "one"));

    await().until(() -> still.events.size() == 1);
    assertThat(closed.events).isEmpty();
    assertThat(other.events).isEmpty();
  }

  @Test
  void currentPartialIsThereUntilItsFinal() {
    writersNode().publish(partial(1, "one"));
    await()
        .untilAsserted(
            () -> assertThat(readersNode().current(ID)).containsExactly(partial(1, "one")));

    writersNode().publish(fin(1, "one"));

    await().untilAsserted(() -> assertThat(readersNode().current(ID)).isEmpty());
  }

  @Test
  void currentPartialsOfTwoLegsAreKeptApart() {
    TranscriptEvent.Partial callee =
        new TranscriptEvent.Partial(ID, 1, "callee", "two", 0, 10, 0.75);
    writersNode().publish(partial(1, "one"));
    writersNode().publish(callee);

    await()
        .untilAsserted(
            () -> assertThat(readersNode().current(ID)).containsExactly(callee, partial(1, "one")));
  }

  CapturingLiveListener listen(LiveTranscript node, SessionId id) {
    CapturingLiveListener received = new CapturingLiveListener();
    received.registration = node.subscribe(id, received);
    awaitSubscribed(node, received);
    return received;
  }

  void awaitSubscribed(LiveTranscript node, CapturingLiveListener received) {}

  static TranscriptEvent.Partial partial(long seq, String text) {
    return new TranscriptEvent.Partial(ID, seq, "caller", text, 0, 10, Double.NaN);
  }

  static TranscriptEvent.Final fin(long seq, String text) {
    return new TranscriptEvent.Final(
        new Segment(
            ID,
            seq,
            "caller",
            text,
            0,
            10,
            List.of(new Token("one", 0, 0.5)),
            "model",
            Instant.EPOCH));
  }

  static final class CapturingLiveListener implements LiveListener {
    final List<TranscriptEvent> events = new CopyOnWriteArrayList<>();
    final AtomicInteger gaps = new AtomicInteger();
    LiveTranscript.Registration registration = () -> {};

    @Override
    public void onEvent(TranscriptEvent event) {
      events.add(event);
    }

    @Override
    public void onGap() {
      gaps.incrementAndGet();
    }
  }
}
