package org.linescribe.api.calls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.OpenCall;

/** Marks that come at once; the store has none of them yet. */
class CallMarksTest {
  private static final SessionId ID = new SessionId("one");

  private final FakeSessions sessions = new FakeSessions();
  private final ConcurrentLinkedQueue<CallMark> marked = new ConcurrentLinkedQueue<>();
  private CallMarks marks;

  @BeforeEach
  void open() throws Exception {
    sessions.open(
        SourceRequest.of(ID, "sip"),
        new SourceListener() {
          @Override
          public void onEvent(TranscriptEvent event) {}

          @Override
          public void onClosed(SourceClosed reason) {}
        });
    // All in one millisecond.
    marks =
        new CallMarks(
            sessions,
            Clock.fixed(
                sessions.find(ID).orElseThrow().startedAt().plusMillis(50), ZoneOffset.UTC));
  }

  /** A line with one call, which keeps marks later than it says. */
  private final class Line implements CallControl {
    @Override
    public List<OpenCall> open() {
      return List.of();
    }

    @Override
    public Optional<OpenCall> find(SessionId sessionId) {
      return Optional.empty();
    }

    @Override
    public boolean hangUp(SessionId sessionId) {
      return false;
    }

    @Override
    public boolean record(SessionId sessionId, RecordingOrder order) {
      return false;
    }

    @Override
    public boolean mark(SessionId sessionId, CallMark mark) {
      return marked.add(mark);
    }

    @Override
    public boolean pause(SessionId sessionId, boolean paused) {
      return false;
    }
  }

  @Test
  void twoOfOneMillisecondAreBothKept() {
    marks.set(ID, "first", new Line());
    marks.set(ID, "second", new Line());

    assertThat(marked).containsExactly(new CallMark(50, "first"), new CallMark(51, "second"));
  }

  @Test
  void aCrowdSetsAsManyAsThereMayBe() throws Exception {
    int crowd = 3 * CallMark.MAX_MARKS;
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Boolean>> answers = new ArrayList<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < crowd; i++) {
        answers.add(
            clients.submit(
                () -> {
                  start.await();
                  try {
                    marks.set(ID, "x", new Line());
                    return true;
                  } catch (RefusedRequestException full) {
                    return false;
                  }
                }));
      }
      start.countDown();
    }
    long taken = 0;
    for (Future<Boolean> answer : answers) {
      taken += answer.get() ? 1 : 0;
    }
    assertThat(taken).isEqualTo(CallMark.MAX_MARKS);
    assertThat(marked.stream().map(CallMark::key).distinct()).hasSize(CallMark.MAX_MARKS);
  }
}
