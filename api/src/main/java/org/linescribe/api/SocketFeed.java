package org.linescribe.api;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds a WebSocket client's audio into one leg of a session, no faster than the session takes it:
 * what finds its queue full waits here, and no more is read of the client until there is room, so
 * that TCP holds it back. What has arrived when the client goes is still handed on; then the source
 * ends.
 *
 * <p>Thread: the peer's event loop.
 */
public final class SocketFeed {
  private static final Logger LOG = LoggerFactory.getLogger(SocketFeed.class);

  private static final int LEG = 0;
  private static final float[] NOTHING = {};

  private final WebSocketPeer peer;
  private final Watch watch;
  private final int sliceSamples;
  private final Duration finishWithin;

  private @Nullable SessionSource source;
  private float[] pending = NOTHING;
  private int pendingFrom;
  private @Nullable Consumer<SessionSource> afterPending;
  private boolean holdsBack;
  private boolean clientGone;
  private boolean over;

  /** What a door counts of its feeds. Called on the peer's event loop, unless said otherwise. */
  public interface Watch {
    /** Reading stopped, as the session's queue is full. */
    void paused();

    /** The session has taken audio. */
    default void took(int samples) {}

    /** Audio was dropped at the end: the session had not taken it in time. */
    void lost(int samples);

    /** The source's last final is told, or the session has closed it. Once; any thread. */
    default void over() {}
  }

  /**
   * @param rateHz of the leg
   * @param finishWithin how long audio may wait for the session when its client is gone
   */
  public SocketFeed(WebSocketPeer peer, int rateHz, Duration finishWithin, Watch watch) {
    this.peer = peer;
    // 100 ms: the queue of a session may be shorter than the largest message.
    this.sliceSamples = rateHz / 10;
    this.finishWithin = finishWithin;
    this.watch = watch;
  }

  /**
   * The session takes audio now.
   *
   * @return whether there still is a client to read from, and a session that takes what it sends
   */
  public boolean opened(SessionSource to) {
    source = to;
    if (clientGone) {
      end("disconnect");
    }
    return !over;
  }

  /** The source while it takes audio; null before it is open and when it is over. */
  public @Nullable SessionSource source() {
    return over ? null : source;
  }

  /** Whether the client is held back because the session's queue is full. */
  public boolean holdsBack() {
    return holdsBack;
  }

  /**
   * Takes audio behind what waits already. What throws has lost what waited, and nothing else.
   *
   * @param pcm mono at the leg's rate; the feed's from now on
   */
  public void take(float[] pcm) {
    if (over || pcm.length == 0) {
      return;
    }
    if (pendingFrom == pending.length) {
      pending = pcm;
    } else {
      int waiting = pending.length - pendingFrom;
      float[] longer = Arrays.copyOfRange(pending, pendingFrom, pending.length + pcm.length);
      System.arraycopy(pcm, 0, longer, waiting, pcm.length);
      pending = longer;
    }
    pendingFrom = 0;
    handOn();
  }

  /** Hands on what waits; for when the session has room again. Throws as {@link #take}. */
  public void handOn() {
    SessionSource to = source();
    if (to == null) {
      return;
    }
    boolean all = false;
    try {
      all = handOn(to);
    } catch (RuntimeException failed) {
      pendingFrom = pending.length;
      all = true;
      throw failed;
    } finally {
      if (all) {
        pending = NOTHING;
        pendingFrom = 0;
        goOn(to);
      }
    }
  }

  private boolean handOn(SessionSource to) {
    while (pendingFrom < pending.length) {
      int length = Math.min(sliceSamples, pending.length - pendingFrom);
      if (!to.accept(LEG, pending, pendingFrom, length)) {
        if (!holdsBack) {
          holdsBack = true;
          watch.paused();
          peer.pauseReading();
        }
        return false;
      }
      watch.took(length);
      pendingFrom += length;
    }
    return true;
  }

  private void goOn(SessionSource to) {
    Consumer<SessionSource> step = afterPending;
    afterPending = null;
    if (step != null) {
      step.accept(to);
    }
    if (holdsBack && !clientGone) {
      holdsBack = false;
      peer.resumeReading();
    }
  }

  /**
   * Does it when all audio that came before is in the session; until then nothing is read of the
   * client. Not at all when the source is over, or its client gone, before.
   */
  public void afterAudio(Consumer<SessionSource> step) {
    afterPending = step;
    handOn();
  }

  /** The client is gone: the source ends when what came of it is in the session. */
  public void clientGone() {
    clientGone = true;
    if (source() == null) {
      return;
    }
    afterAudio(_ -> end("disconnect"));
    if (!over) {
      peer.schedule(() -> end("disconnect"), finishWithin);
    }
  }

  /** The session has closed the source. */
  public void sourceClosed() {
    if (!over) {
      finish();
      watch.over();
    }
  }

  /**
   * Ends the source; what still waits is lost. Idempotent.
   *
   * @return completes when the last final is stored and told, or has failed, which is logged; at
   *     once where there is no source any more
   */
  public CompletionStage<Void> end(String reason) {
    SessionSource to = source();
    if (to == null) {
      return CompletableFuture.completedStage(null);
    }
    finish();
    return to.end(reason)
        .handle(
            (_, failure) -> {
              if (failure != null) {
                LOG.error("Session {} did not end cleanly", to.sessionId(), failure);
              }
              watch.over();
              return null;
            });
  }

  private void finish() {
    over = true;
    if (pendingFrom < pending.length) {
      watch.lost(pending.length - pendingFrom);
    }
    pending = NOTHING;
    pendingFrom = 0;
    afterPending = null;
  }
}
