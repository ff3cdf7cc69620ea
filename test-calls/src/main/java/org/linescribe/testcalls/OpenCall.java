package org.linescribe.testcalls;

/** A call that was answered. Thread: one, the call's. */
public sealed interface OpenCall extends AutoCloseable permits SipCall, WebSocketCall {
  /** The id under which the peer writes the transcript. */
  String sessionId();

  /**
   * Sends the audio, a frame of 20 ms at a time, and returns after the last one, or when the peer
   * ends the call.
   *
   * @throws InterruptedException the call is still open then: {@link #hangUp()}
   */
  SentAudio play(CallAudio audio, FrameClock clock)
      throws CallFailedException, InterruptedException;

  /**
   * Tells, after {@link #hangUp()}, of a peer that let the call in only to say no.
   *
   * @throws CallFailedException it refused the call: no transcript will come
   */
  default void throwIfRefused() throws CallFailedException {}

  /**
   * Hangs up (BYE, or the WebSocket's close) and waits a bounded time for the answer. Does nothing
   * the second time.
   */
  void hangUp();

  @Override
  default void close() {
    hangUp();
  }
}
