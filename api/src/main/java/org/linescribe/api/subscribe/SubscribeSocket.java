package org.linescribe.api.subscribe;

import io.micrometer.core.instrument.Counter;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.transcript.SessionReading;
import org.linescribe.api.transcript.TranscriptJson;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader. Its subscription's thread waits where the client reads slowly, so that nobody else
 * does; the client then misses partials, never finals.
 *
 * <p>Thread: the peer's event loop, and the subscription's own for {@link TranscriptReader}.
 */
final class SubscribeSocket implements WebSocketReceiver, TranscriptReader {
  private static final Logger LOG = LoggerFactory.getLogger(SubscribeSocket.class);

  private static final WebSocketClose NOT_FOUND =
      new WebSocketClose(4404, "session not found; ?wait=true waits for it");

  private final WebSocketPeer peer;
  private final TranscriptJson transcript;
  private final Counter ignored;
  private Sessions.@Nullable Subscription subscription;
  private volatile boolean closesAtEnd;
  private boolean gone;

  SubscribeSocket(WebSocketPeer peer, TranscriptJson transcript, Counter ignored) {
    this.peer = peer;
    this.transcript = transcript;
    this.ignored = ignored;
  }

  /**
   * Thread: a virtual one.
   *
   * @param wait whether to wait for a session that is unknown or has ended
   */
  void begin(Sessions sessions, SessionId sessionId, long fromSeq, boolean wait) {
    try {
      SessionReading reading =
          wait
              ? SessionReading.waiting(peer.request().viewer())
              : SessionReading.of(sessions, sessionId, peer.request().viewer());
      if (!reading.known()) {
        peer.close(NOT_FOUND);
        return;
      }
      closesAtEnd = reading.end() != null;
      Sessions.Subscription begun = reading.begin(sessions, sessionId, fromSeq, this);
      peer.execute(
          () -> {
            subscription = begun;
            if (gone) {
              begun.close();
            }
          });
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      peer.close(WebSocketClose.DRAINING);
    } catch (RuntimeException bug) {
      LOG.error("Session {} could not be subscribed to", sessionId, bug);
      peer.close(WebSocketClose.FAILED);
    }
  }

  @Override
  public void onEvent(TranscriptEvent event) throws InterruptedException {
    String message = transcript.event(event);
    switch (event) {
      case TranscriptEvent.Partial _ -> peer.sendLatest(message);
      case TranscriptEvent.Final _, TranscriptEvent.Dtmf _ -> peer.sendWaiting(message);
      case TranscriptEvent.Ended _ -> {
        peer.sendWaiting(message);
        if (closesAtEnd) {
          peer.close(WebSocketClose.NORMAL);
        }
      }
    }
  }

  @Override
  public void onFailure(Exception failure) {
    LOG.warn("A subscription of {} failed", peer.remoteAddress(), failure);
    peer.close(WebSocketClose.FAILED);
  }

  @Override
  public void onBinary(byte[] bytes) {
    ignored.increment();
  }

  @Override
  public void onText(String text) {
    ignored.increment();
  }

  @Override
  public void onGone() {
    gone = true;
    if (subscription != null) {
      subscription.close();
    }
  }
}
