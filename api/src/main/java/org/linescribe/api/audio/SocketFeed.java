package org.linescribe.api.audio;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.session.SessionSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds a WebSocket client's audio into the legs of a session, no faster than the session takes it:
 * what finds its queue full waits here, and no more is read of the client until there is space, so
 * that TCP holds it back. What has arrived when the client goes is still handed on; then the source
 * ends.
 *
 * <p>Thread: the peer's event loop.
 */
public final class SocketFeed {
  private static final Logger LOG = LoggerFactory.getLogger(SocketFeed.class);

  private static final short[] NOTHING = {};

  /** What waits for a leg. */
  private static final class Pending {
    short[] pcm = NOTHING;
    int from;

    int samples() {
      return pcm.length - from;
    }

    void add(short[] more) {
      if (samples() == 0) {
        pcm = more;
      } else {
        short[] longer = Arrays.copyOfRange(pcm, from, pcm.length + more.length);
        System.arraycopy(more, 0, longer, samples(), more.length);
        pcm = longer;
      }
      from = 0;
    }

    void clear() {
      pcm = NOTHING;
      from = 0;
    }
  }

  private final WebSocketPeer peer;
  private final Watch watch;
  private final Duration finishWithin;

  private @Nullable SessionSource source;
  private final Pending[] pending;
  private @Nullable Consumer<SessionSource> afterPending;
  private long takenSamples;
  private boolean holdsBack;
  private boolean clientGone;
  private boolean over;

  /** What an API counts of its feeds. Called on the peer's event loop, unless said otherwise. */
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
   * @param finishWithin how long the session may take nothing of what waits when the client is gone
   */
  public SocketFeed(WebSocketPeer peer, int legs, Duration finishWithin, Watch watch) {
    this.pending = new Pending[legs];
    Arrays.setAll(pending, _ -> new Pending());
    this.peer = peer;
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
   * Takes audio of a leg behind what waits already. What throws has lost what waited, and nothing
   * else.
   *
   * @param pcm mono at the leg's rate; the feed's from now on
   */
  public void take(int leg, short[] pcm) {
    if (over || pcm.length == 0) {
      return;
    }
    pending[leg].add(pcm);
    handOn();
  }

  /**
   * Advances a leg's timeline past audio that the client did not send, as if it had been silence.
   *
   * @return false where audio waits, before which nothing may be skipped
   */
  public boolean skip(int leg, int samples) {
    SessionSource to = source();
    if (to == null || pending[leg].samples() > 0) {
      return false;
    }
    to.skip(leg, samples);
    return true;
  }

  /** Hands on what waits; for when the session has space again. Throws as {@link #take}. */
  public void handOn() {
    SessionSource to = source();
    if (to == null) {
      return;
    }
    boolean all = false;
    try {
      all = handOn(to);
    } catch (RuntimeException failed) {
      clear();
      all = true;
      throw failed;
    } finally {
      if (all) {
        goOn(to);
      }
    }
  }

  private boolean handOn(SessionSource to) {
    boolean all = true;
    for (int leg = 0; leg < pending.length; leg++) {
      Pending waiting = pending[leg];
      if (waiting.samples() > 0) {
        int taken = to.write(leg, waiting.pcm, waiting.from, waiting.samples());
        if (taken > 0) {
          takenSamples += taken;
          watch.took(taken);
          waiting.from += taken;
        }
      }
      if (waiting.samples() > 0) {
        all = false;
      } else {
        waiting.clear();
      }
    }
    if (!all && !holdsBack) {
      holdsBack = true;
      watch.paused();
      peer.pauseReading();
    }
    return all;
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
    endWhenStuck();
  }

  /** Decoders that are behind get their time, as long as they go on. */
  private void endWhenStuck() {
    if (over) {
      return;
    }
    long before = takenSamples;
    peer.schedule(
        () -> {
          if (takenSamples == before) {
            end("disconnect");
          } else {
            endWhenStuck();
          }
        },
        finishWithin);
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
    int lost = Arrays.stream(pending).mapToInt(Pending::samples).sum();
    if (lost > 0) {
      watch.lost(lost);
    }
    clear();
    afterPending = null;
  }

  private void clear() {
    for (Pending leg : pending) {
      leg.clear();
    }
  }
}
