package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;
import org.linescribe.testsupport.Patience;

/** What every log of tasks does, for the node that writes and for one that only reads. */
abstract class TaskEventsContract {
  static final Duration KEEP = Duration.ofMinutes(10);
  static final Duration SOON = Patience.LIMIT;

  /** The node at whose worker the task is. */
  abstract TaskEvents owner();

  /** Whoever else reads. */
  abstract TaskEvents reader();

  static TaskEvent event(long seq, TaskEvent.Kind kind) {
    return new TaskEvent(seq, kind, Optional.of("alice"), "{\"n\":" + seq + ",\"word\":\"żółw\"}");
  }

  static SessionId task() {
    return SessionId.random(System.currentTimeMillis());
  }

  @Test
  void givesTheEventsAfterANumber() throws Exception {
    SessionId task = task();
    for (long seq = 1; seq <= 5; seq++) {
      owner().publish(task, event(seq, TaskEvent.Kind.PROGRESS));
    }
    await().atMost(SOON).until(() -> reader().after(task, 0).size() == 5);
    assertThat(reader().after(task, 3))
        .containsExactly(event(4, TaskEvent.Kind.PROGRESS), event(5, TaskEvent.Kind.PROGRESS));
    assertThat(reader().after(task, 5)).isEmpty();
    assertThat(reader().after(task(), 0)).isEmpty();
  }

  @Test
  void givesTheLatestThatIsNotPartial() throws Exception {
    SessionId task = task();
    assertThat(reader().latest(task)).isEmpty();
    owner().publish(task, event(1, TaskEvent.Kind.SUBMITTED));
    owner().publish(task, event(2, TaskEvent.Kind.PROGRESS));
    owner().publish(task, event(3, TaskEvent.Kind.PARTIAL));
    await().atMost(SOON).until(() -> reader().after(task, 0).size() == 3);
    assertThat(reader().latest(task)).contains(event(2, TaskEvent.Kind.PROGRESS));
    owner().publish(task, event(4, TaskEvent.Kind.COMPLETED));
    await()
        .atMost(SOON)
        .until(() -> reader().latest(task).orElseThrow().kind() == TaskEvent.Kind.COMPLETED);
  }

  @Test
  void erasesAFinishedTaskEverywhereWhoeverIsAsked() throws Exception {
    SessionId task = task();
    SessionId other = task();
    for (SessionId each : List.of(task, other)) {
      owner().publish(each, event(1, TaskEvent.Kind.SUBMITTED));
      owner().publish(each, event(2, TaskEvent.Kind.COMPLETED));
    }
    await().atMost(SOON).until(() -> reader().after(other, 0).size() == 2);

    reader().erase(task);

    await().atMost(SOON).until(() -> owner().latest(task).isEmpty());
    assertThat(owner().after(task, 0)).isEmpty();
    assertThat(reader().latest(task)).isEmpty();
    assertThat(reader().after(task, 0)).isEmpty();
    assertThat(reader().after(other, 0)).hasSize(2);
  }

  @Test
  void whatAnErasedTaskStillPublishesIsDropped() throws Exception {
    SessionId task = task();
    owner().publish(task, event(1, TaskEvent.Kind.SUBMITTED));
    await().atMost(SOON).until(() -> reader().latest(task).isPresent());
    reader().erase(task);
    await().atMost(SOON).until(() -> !owner().isOwn(task));

    owner().publish(task, event(2, TaskEvent.Kind.PARTIAL));
    owner().publish(task, event(3, TaskEvent.Kind.COMPLETED));
    // Sent behind them by the same connection.
    SessionId later = task();
    owner().publish(later, event(1, TaskEvent.Kind.SUBMITTED));
    await().atMost(SOON).until(() -> reader().latest(later).isPresent());

    assertThat(owner().latest(task)).isEmpty();
    assertThat(reader().latest(task)).isEmpty();
    assertThat(reader().after(task, 0)).isEmpty();
  }

  @Test
  void bringsEveryEventToALiveReaderOnceAndInOrder() throws Exception {
    SessionId task = task();
    int count = 500;
    List<Long> seen = Collections.synchronizedList(new ArrayList<>());
    Semaphore bell = new Semaphore(0);
    try (TaskEvents.Registration _ = reader().listen(task, bell::release)) {
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (long seq = 1; seq <= count; seq++) {
                      owner()
                          .publish(
                              task,
                              event(
                                  seq,
                                  seq == count
                                      ? TaskEvent.Kind.COMPLETED
                                      : TaskEvent.Kind.PARTIAL));
                    }
                  });
      while (seen.size() < count) {
        List<TaskEvent> more = reader().after(task, seen.isEmpty() ? 0 : seen.getLast());
        more.forEach(event -> seen.add(event.seq()));
        if (more.isEmpty()) {
          assertThat(bell.tryAcquire(60, TimeUnit.SECONDS)).as("a ring").isTrue();
        }
      }
      writer.join();
    }
    assertThat(seen).isEqualTo(java.util.stream.LongStream.rangeClosed(1, count).boxed().toList());
  }
}
