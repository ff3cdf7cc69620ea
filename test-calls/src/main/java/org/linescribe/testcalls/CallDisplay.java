package org.linescribe.testcalls;

/** Shows a call while it runs. Thread: any; an implementation guards itself. */
public interface CallDisplay {
  /** Shows nothing. */
  CallDisplay QUIET =
      new CallDisplay() {
        @Override
        public void answered(String file, String sessionId, long nowNs) {}

        @Override
        public void heard(HeardEvent event) {}

        @Override
        public void played() {}

        @Override
        public void ended(CallReport report) {}
      };

  void answered(String file, String sessionId, long nowNs);

  void heard(HeardEvent event);

  /** The recording is over; the rest of the transcript is awaited. */
  void played();

  void ended(CallReport report);
}
