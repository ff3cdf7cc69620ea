package org.linescribe.api.files;

import java.util.Optional;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.erasure.SessionErasure;

/**
 * Erases the events and the result of a file's task with its session, which has the same id. A task
 * that waits or works is refused like an open session: its result is still to come, also after its
 * session has ended.
 *
 * <p>Thread: any; blocks.
 */
record TaskErasure(TaskEvents events) implements SessionErasure.Holder {
  @Override
  public void requireClosed(SessionId sessionId, boolean unended)
      throws SessionOpenException, InterruptedException {
    try {
      Optional<TaskEvent> latest = events.latest(sessionId);
      if (latest.isPresent()
          && !latest.get().kind().isLast()
          && (!unended || events.isOwn(sessionId))) {
        throw new SessionOpenException("the file of the session is still processed");
      }
    } catch (TaskEventsUnavailableException away) {
      throw unavailable(away);
    }
  }

  @Override
  public boolean erase(SessionId sessionId) throws InterruptedException {
    try {
      boolean known = events.latest(sessionId).isPresent();
      events.erase(sessionId);
      return known;
    } catch (TaskEventsUnavailableException away) {
      throw unavailable(away);
    }
  }

  private static StoreUnavailableException unavailable(TaskEventsUnavailableException away) {
    return new StoreUnavailableException("Redis does not answer", away);
  }
}
