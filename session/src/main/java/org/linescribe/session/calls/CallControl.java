package org.linescribe.session.calls;

import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionId;

/**
 * The calls of this node, for operators.
 *
 * <p>Thread: any; blocks until the call's event loop has answered, a second at most.
 */
public interface CallControl {
  /** In the order of their start. */
  List<OpenCall> open();

  Optional<OpenCall> find(SessionId sessionId);

  /**
   * Ends a call: its open utterances become finals, the peer gets a BYE.
   *
   * @return false when there is no such call
   */
  boolean hangUp(SessionId sessionId);

  /**
   * Leaves a call's audio out of its transcript, or takes it in again; what is left out stays on
   * the timeline as silence.
   *
   * @return false when there is no such call
   */
  boolean pause(SessionId sessionId, boolean paused);

  /**
   * Begins to record a call, or leaves its audio out of the recording for a while.
   *
   * @return false when there is no such call, or it is of a kind that is not recorded
   */
  default boolean record(SessionId sessionId, RecordingOrder order) {
    return false;
  }

  /**
   * Notes a moment of a call that was answered, with its session.
   *
   * @return false when there is no such call
   */
  default boolean mark(SessionId sessionId, CallMark mark) {
    return false;
  }

  /** What shall become of a call's recording. */
  enum RecordingOrder {
    /** Begin one, or go on with the one that is paused. */
    START,
    /** Silence from now on; the time goes on. */
    PAUSE,
    /** Close the file. */
    STOP
  }

  /** A node without a line. */
  CallControl NONE =
      new CallControl() {
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
        public boolean pause(SessionId sessionId, boolean paused) {
          return false;
        }
      };
}
