package org.linescribe.api.subscribe;

import io.micrometer.core.instrument.Counter;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.TranscriptJson;
import org.linescribe.api.WebSocketClose;
import org.linescribe.api.WebSocketPeer;
import org.linescribe.api.WebSocketReceiver;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader. Its subscription's thread waits where the client reads slowly, so that nobody else
 * does; partials it misses then, finals it does not.
 *
 * <p>Thread: the peer's event loop, and the subscription's own for {@link TranscriptReader}.
 */
final class SubscribeSocket implements WebSocketReceiver, TranscriptReader {
  private static final Logger LOG = LoggerFactory.getLogger(SubscribeSocket.class);

  private final WebSocketPeer peer;
  private final TranscriptJson transcript;
  private final Counter ignored;
  private Sessions.@Nullable Subscription subscription;
  private boolean gone;

  SubscribeSocket(WebSocketPeer peer, TranscriptJson transcript, Counter ignored) {
    this.peer = peer;
    this.transcript = transcript;
    this.ignored = ignored;
  }

  /** Thread: a virtual one. */
  void begin(Sessions sessions, SessionId sessionId, long fromSeq) {
    try {
      Sessions.Subscription begun = sessions.subscribe(sessionId, fromSeq, this);
      peer.execute(
          () -> {
            subscription = begun;
            if (gone) {
              begun.close();
            }
          });
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
      case TranscriptEvent.Final _, TranscriptEvent.Ended _ -> peer.sendWaiting(message);
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
