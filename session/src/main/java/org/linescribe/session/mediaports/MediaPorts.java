package org.linescribe.session.mediaports;

import java.time.Duration;
import java.util.Optional;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;

/**
 * Opens RTP ports for sessions whose audio comes without signalling. A session begins with the
 * first audio; its ports are closed when it ends, by {@link #close}, or when nothing comes for the
 * media timeout, before the first packet as well.
 *
 * <p>Thread: any; blocks.
 */
public interface MediaPorts {
  /**
   * Opens a port for each leg. Ports that the session had by the same owner are closed.
   *
   * @param onEnd run once when the ports are closed; not where this throws
   * @throws SessionRefusedException when no port or no source more is available, or the session is
   *     another's
   */
  OpenMediaPorts open(MediaPortRequest request, Runnable onEnd) throws SessionRefusedException;

  Optional<OpenMediaPorts> find(SessionId sessionId);

  /**
   * Closes a session's ports: its open utterances become finals, then this returns, after some
   * seconds at most.
   *
   * @return false when it has none
   */
  boolean close(SessionId sessionId);

  /** A node without a line. */
  MediaPorts NONE =
      new MediaPorts() {
        @Override
        public OpenMediaPorts open(MediaPortRequest request, Runnable onEnd)
            throws SessionRefusedException {
          throw new SessionRefusedException(
              SessionRefusedException.Reason.UNSUPPORTED,
              "this node opens no media ports",
              Duration.ZERO);
        }

        @Override
        public Optional<OpenMediaPorts> find(SessionId sessionId) {
          return Optional.empty();
        }

        @Override
        public boolean close(SessionId sessionId) {
          return false;
        }
      };
}
