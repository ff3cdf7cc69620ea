package org.linescribe.testcalls;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One connection to {@code WS /ws/transcribe/{session_id}}. Thread: one, the call's. */
final class WebSocketCall implements OpenCall {
  private static final int STALL_S = 10;
  private static final int CLOSE_S = 10;

  private final String sessionId;
  private final boolean realTime;
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private volatile @Nullable String refusal;
  private volatile boolean closing;
  private @Nullable WebSocket socket;

  WebSocketCall(String sessionId, boolean realTime) {
    this.sessionId = sessionId;
    this.realTime = realTime;
  }

  WebSocket.Listener listener() {
    return new Reader();
  }

  void connected(WebSocket opened) {
    socket = opened;
  }

  @Override
  public String sessionId() {
    return sessionId;
  }

  @Override
  public SentAudio play(CallAudio audio, FrameClock clock)
      throws CallFailedException, InterruptedException {
    WebSocket open = Objects.requireNonNull(socket);
    SentAudio sent = new SentAudio(audio.frames());
    FramePacer pacer = new FramePacer(clock, realTime);
    byte[] frame = new byte[CallAudio.FRAME_BYTES];
    for (int index = 0; index < audio.frames(); index++) {
      pacer.awaitNext();
      if (ended.isDone()) {
        throw broken(ended.getNow(""));
      }
      audio.frame(index, frame, 0);
      long sentNs = clock.nowNs();
      try {
        open.sendBinary(ByteBuffer.wrap(frame), true).get(STALL_S, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        throw broken("it has read nothing for " + STALL_S + " s");
      } catch (ExecutionException e) {
        throw broken(reason(e.getCause()));
      }
      sent.frameSent(sentNs);
    }
    return sent;
  }

  /** The listener reports a close that crossed our frames shortly after the write fails. */
  private String reason(Throwable failure) throws InterruptedException {
    try {
      return ended.get(CLOSE_S, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return String.valueOf(failure.getMessage());
    }
  }

  private static CallFailedException broken(String why) {
    return new CallFailedException(
        CallFailedException.Kind.BROKEN,
        "the peer ended the WebSocket before the recording was over: " + why);
  }

  @Override
  public void hangUp() {
    WebSocket open = socket;
    if (open == null || closing) {
      return;
    }
    closing = true;
    boolean interrupted = Thread.interrupted();
    try {
      open.sendClose(WebSocket.NORMAL_CLOSURE, "").get(1, TimeUnit.SECONDS);
      ended.get(CLOSE_S, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // The peer does not answer the close: abort() below closes the socket.
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      open.abort();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A browser-compatible server can give a reason only in a close frame, after the handshake. */
  @Override
  public void throwIfRefused() throws CallFailedException {
    String why = refusal;
    if (why != null) {
      throw new CallFailedException(
          CallFailedException.Kind.REFUSED,
          "the peer refused the call: " + why,
          WebSockets.TRY_AGAIN_LATER,
          -1);
    }
  }

  /** The transcript is read by subscription; events on the source's socket are discarded. */
  private final class Reader extends WebSockets.TextListener {
    @Override
    void onMessage(String text) {}

    @Override
    public CompletionStage<?> onClose(WebSocket closed, int status, String reason) {
      String why = WebSockets.describe(status, reason);
      if (status == WebSockets.TRY_AGAIN_LATER) {
        refusal = why;
      }
      ended.complete(why);
      return WebSockets.DONE;
    }

    @Override
    public void onError(WebSocket failed, Throwable error) {
      ended.complete(String.valueOf(error.getMessage()));
    }
  }
}
