package org.linescribe.testcalls;

/** Displays the progress of a call. Thread: any; implementations are thread-safe. */
public interface CallDisplay {
  /** Displays nothing. */
  CallDisplay QUIET =
      new CallDisplay() {
        @Override
        public void answered(String file, String sessionId, long nowNs) {}

        @Override
        public void received(ReceivedEvent event) {}

        @Override
        public void played() {}

        @Override
        public void ended(CallReport report) {}
      };

  void answered(String file, String sessionId, long nowNs);

  void received(ReceivedEvent event);

  /** The recording was sent; the rest of the transcript is pending. */
  void played();

  void ended(CallReport report);
}
