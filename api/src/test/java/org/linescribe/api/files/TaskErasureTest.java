package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;

/** A file's task is erased with its session, once it has ended. */
class TaskErasureTest {
  private final InProcessTaskEvents events = new InProcessTaskEvents(Duration.ofHours(1), 10);
  private final TaskErasure erasure = new TaskErasure(events);
  private final SessionId task = TaskEventsContract.task();

  @Test
  void refusesATaskThatWaitsOrWorksHereAlsoAsUnended() {
    events.publish(task, TaskEventsContract.event(1, TaskEvent.Kind.SUBMITTED));
    for (boolean unended : new boolean[] {false, true}) {
      assertThatExceptionOfType(SessionOpenException.class)
          .isThrownBy(() -> erasure.requireClosed(task, unended))
          .withMessage("the file of the session is still processed");
    }
    assertThat(events.latest(task)).isPresent();
  }

  @Test
  void erasesATaskThatHasEnded() throws Exception {
    events.publish(task, TaskEventsContract.event(1, TaskEvent.Kind.SUBMITTED));
    events.publish(task, TaskEventsContract.event(2, TaskEvent.Kind.COMPLETED));
    erasure.requireClosed(task, false);
    assertThat(erasure.erase(task)).isTrue();
    assertThat(events.latest(task)).isEmpty();
    assertThat(events.tasks()).isEmpty();
  }

  @Test
  void hasNothingAgainstASessionWithoutATask() throws Exception {
    erasure.requireClosed(task, false);
    assertThat(erasure.erase(task)).isFalse();
    assertThat(events.tasks()).isEmpty();
  }
}
