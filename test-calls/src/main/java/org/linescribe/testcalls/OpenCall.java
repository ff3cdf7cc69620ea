package org.linescribe.testcalls;

import java.net.InetSocketAddress;
import java.util.Optional;

/** An answered call. Thread: one, the call's. */
public sealed interface OpenCall extends AutoCloseable permits SipCall, WebSocketCall {
  /** The session id of the transcript. */
  String sessionId();

  /** Where the peer takes the audio; empty on a WebSocket. */
  default Optional<InetSocketAddress> media() {
    return Optional.empty();
  }

  /**
   * Sends the audio, a frame of 20 ms at a time, and returns after the last one, or when the peer
   * ends the call.
   *
   * @throws InterruptedException the call is still open then: {@link #hangUp()}
   */
  SentAudio play(CallAudio audio, FrameClock clock)
      throws CallFailedException, InterruptedException;

  /**
   * Reports, after {@link #hangUp()}, a refusal that arrived after the handshake.
   *
   * @throws CallFailedException the peer refused the call: there will be no transcript
   */
  default void throwIfRefused() throws CallFailedException {}

  /**
   * Hangs up (BYE, or the WebSocket's close) and waits a bounded time for the answer. Idempotent.
   */
  void hangUp();

  @Override
  default void close() {
    hangUp();
  }
}
