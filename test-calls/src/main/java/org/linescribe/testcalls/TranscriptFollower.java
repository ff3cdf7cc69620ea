package org.linescribe.testcalls;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Subscribes to a session's transcript: {@code ws://…/ws/subscribe/{id}?from_seq=N}. After a lost
 * connection it resumes from the first missing sequence number.
 *
 * <p>Thread: {@link #close()} any; events arrive on the HTTP client's threads, one at a time. Owns
 * its socket, borrows the client.
 */
public final class TranscriptFollower implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final int MAX_RECONNECTS = 5;
  private static final int NORMAL = WebSocket.NORMAL_CLOSURE;

  private final HttpClient client;
  private final URI subscription;
  private final Map<String, String> headers;
  private final FrameClock clock;
  private final ReceivedTranscript transcript;
  private volatile boolean closing;
  private volatile WebSocket socket;

  private TranscriptFollower(
      HttpClient client,
      URI subscription,
      Map<String, String> headers,
      FrameClock clock,
      ReceivedTranscript transcript) {
    this.client = client;
    this.subscription = subscription;
    this.headers = headers;
    this.clock = clock;
    this.transcript = transcript;
  }

  /**
   * Subscribes and returns when the subscription is established.
   *
   * @param subscription the address without {@code from_seq}, which may be of a call to come
   * @param headers further headers of the handshake
   * @param listener receives every event, on the socket's thread
   */
  public static TranscriptFollower follow(
      HttpClient client,
      URI subscription,
      Map<String, String> headers,
      long fromSeq,
      FrameClock clock,
      Consumer<ReceivedEvent> listener)
      throws CallFailedException, InterruptedException {
    ReceivedTranscript transcript = new ReceivedTranscript(listener, clock.nowNs());
    TranscriptFollower follower =
        new TranscriptFollower(client, subscription, headers, clock, transcript);
    follower.socket = follower.connect(fromSeq);
    return follower;
  }

  public ReceivedTranscript transcript() {
    return transcript;
  }

  private WebSocket connect(long fromSeq) throws CallFailedException, InterruptedException {
    URI uri =
        URI.create(
            subscription
                + (subscription.getQuery() == null ? "?" : "&")
                + "wait=true&from_seq="
                + fromSeq);
    return WebSockets.connect(client, uri, headers, new Reader(), CONNECT);
  }

  /** Reconnects on its own thread, so that the client's threads are not blocked. */
  private void reconnect() {
    for (int attempt = 1; attempt <= MAX_RECONNECTS && !closing; attempt++) {
      try {
        TimeUnit.MILLISECONDS.sleep(100L << attempt);
        WebSocket again = connect(transcript.nextSeq());
        transcript.reconnected();
        socket = again;
        if (closing) {
          again.abort();
        }
        return;
      } catch (CallFailedException e) {
        if (attempt == MAX_RECONNECTS) {
          transcript.closed("the subscription broke and could not be resumed: " + e.getMessage());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void broken() {
    if (!closing) {
      Thread.ofVirtual().name("resume-subscription").start(this::reconnect);
    }
  }

  @Override
  public void close() {
    closing = true;
    WebSocket last = socket;
    boolean interrupted = Thread.interrupted();
    try {
      last.sendClose(NORMAL, "").get(1, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Already closed, or the peer does not read: abort() below closes it in both cases.
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      last.abort();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final class Reader extends WebSockets.TextListener {
    @Override
    void onMessage(String text) {
      transcript.take(text, clock.nowNs());
    }

    @Override
    public CompletionStage<?> onClose(WebSocket closed, int status, String reason) {
      if (status == NORMAL) {
        transcript.closed(null);
      } else if (status == WebSockets.GOING_AWAY
          || status == WebSockets.TRY_AGAIN_LATER
          || status == WebSockets.ABNORMAL) {
        broken();
      } else {
        transcript.closed("the subscription was closed: " + WebSockets.describe(status, reason));
      }
      return WebSockets.DONE;
    }

    @Override
    public void onError(WebSocket failed, Throwable error) {
      broken();
    }
  }
}
