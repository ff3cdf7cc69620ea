package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;

class InProcessTaskEventsTest extends TaskEventsContract {
  private final InProcessTaskEvents events = new InProcessTaskEvents(KEEP, 100);

  @Override
  TaskEvents owner() {
    return events;
  }

  @Override
  TaskEvents reader() {
    return events;
  }

  @Test
  void forgetsFinishedTasksAfterTheirTimeAndNeverOneAtWork() {
    AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 10);
    InProcessTaskEvents timed = new InProcessTaskEvents(Duration.ofSeconds(1), 100, nowNs::get);
    SessionId finished = task();
    SessionId working = task();
    timed.publish(finished, event(1, TaskEvent.Kind.COMPLETED));
    timed.publish(working, event(1, TaskEvent.Kind.SUBMITTED));
    nowNs.addAndGet(Duration.ofMillis(900).toNanos());
    assertThat(timed.latest(finished)).isPresent();
    nowNs.addAndGet(Duration.ofMillis(200).toNanos());
    assertThat(timed.latest(finished)).isEmpty();
    assertThat(timed.latest(working)).isPresent();
  }

  @Test
  void keepsTheNewestOfTooManyFinishedTasks() {
    InProcessTaskEvents few = new InProcessTaskEvents(KEEP, 2);
    SessionId first = task();
    SessionId working = task();
    few.publish(working, event(1, TaskEvent.Kind.SUBMITTED));
    few.publish(first, event(1, TaskEvent.Kind.COMPLETED));
    SessionId second = task();
    SessionId third = task();
    few.publish(second, event(1, TaskEvent.Kind.FAILED));
    few.publish(third, event(1, TaskEvent.Kind.TIMEOUT));
    assertThat(few.latest(first)).isEmpty();
    assertThat(few.latest(second)).isPresent();
    assertThat(few.latest(third)).isPresent();
    assertThat(few.latest(working)).isPresent();
  }

  @Test
  void dropsPartialsBeyondItsBoundAndKeepsTheEnd() {
    SessionId task = task();
    events.publish(task, event(1, TaskEvent.Kind.SUBMITTED));
    int last = InProcessTaskEvents.MAX_PARTIALS + 100;
    for (long seq = 2; seq < last; seq++) {
      events.publish(task, event(seq, TaskEvent.Kind.PARTIAL));
    }
    events.publish(task, event(last, TaskEvent.Kind.COMPLETED));
    assertThat(events.after(task, 0)).hasSize(InProcessTaskEvents.MAX_PARTIALS + 2);
    assertThat(events.latest(task)).contains(event(last, TaskEvent.Kind.COMPLETED));
  }
}
