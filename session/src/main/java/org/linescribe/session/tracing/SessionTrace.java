package org.linescribe.session.tracing;

/**
 * A session's trace while a call or a source is open.
 *
 * <p>Thread: any.
 */
public interface SessionTrace {
  /** Nobody looks. */
  SessionTrace OFF =
      new SessionTrace() {
        @Override
        public boolean isRecorded() {
          return false;
        }

        @Override
        public void step(SessionStep step, long startNs, long endNs) {}

        @Override
        public void end(String outcome) {}
      };

  /** Whether steps are kept: what takes time to find out about one is left out otherwise. */
  boolean isRecorded();

  /**
   * Adds a step that is over.
   *
   * @param startNs as {@link System#nanoTime} tells
   * @param endNs the same, not before the start
   */
  void step(SessionStep step, long startNs, long endNs);

  /** Ends this part. Idempotent. */
  void end(String outcome);
}
