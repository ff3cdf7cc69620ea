package org.linescribe.api.transcribe;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.WebSocketClose;
import org.linescribe.api.WebSocketPeer;
import org.linescribe.api.WebSocketReceiver;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One source: its audio into the session, the session's results out.
 *
 * <p><b>The waiting client.</b> The document's Python example sends a frame and waits for a message
 * before it sends the next. It goes on for ever if, after each of its frames has arrived, at least
 * one message leaves: a message counts as sent before it can be on the wire, so one that the client
 * may have had before it sent the frame is never taken for an answer, and one that leaves later
 * wakes it whatever it was meant for. Hence: on a frame the number of messages sent is noted;
 * {@link TranscribeSettings#answerAfter} after the last frame the current text is sent if that
 * number is still the same. A source that streams moves that moment on with every frame.
 *
 * <p>Thread: the peer's event loop; {@link SourceListener} calls come from the session and change
 * nothing here but what {@code sendLock} guards.
 */
final class TranscribeSocket implements WebSocketReceiver, SourceListener {
  private static final Logger LOG = LoggerFactory.getLogger(TranscribeSocket.class);

  /** 100 ms: the queue of a session may be shorter than the largest message. */
  private static final int SLICE_SAMPLES = 800;

  private static final float[] NOTHING = {};

  private final WebSocketPeer peer;
  private final SessionId sessionId;
  private final LawChoice law;
  private final TranscribeClients door;
  private final Object sendLock = new Object();

  private @Nullable SessionSource source;
  private float[] pending = NOTHING;
  private int pendingFrom;
  private boolean queueFull;
  private boolean gone;
  private boolean ended;

  private long sentAtLastFrame;
  private long lastFrameNs;
  private boolean answerScheduled;
  private boolean flushScheduled;

  private long lastFinalSeq;

  TranscribeSocket(WebSocketPeer peer, SessionId sessionId, LawChoice law, TranscribeClients door) {
    this.peer = peer;
    this.sessionId = sessionId;
    this.law = law;
    this.door = door;
  }

  /** The session takes audio now. */
  void opened(SessionSource opened) {
    source = opened;
    if (gone) {
      end();
    } else {
      peer.resumeReading();
    }
  }

  @Override
  public void onBinary(byte[] bytes) {
    noteFrame();
    door.meters().frames.increment();
    if (bytes.length == 0) {
      door.meters().emptyFrames.increment();
      return;
    }
    door.meters().audioBytes.increment(bytes.length);
    try {
      boolean undecided = law.law().isEmpty();
      take(law.add(bytes));
      if (undecided) {
        reportLaw();
      }
    } catch (RuntimeException failed) {
      door.meters().skippedFrames.increment();
      LOG.error("Session {}: a frame of {} bytes was skipped", sessionId, bytes.length, failed);
    }
  }

  @Override
  public void onText(String text) {
    door.meters().textFrames.increment();
    door.textLog()
        .log(
            heldBack ->
                LOG.warn(
                    "Session {}: a text message of {} characters is no audio, ignored ({} more"
                        + " of any session not logged)",
                    sessionId,
                    text.length(),
                    heldBack));
  }

  @Override
  public void onGone() {
    gone = true;
    if (source == null || ended) {
      return;
    }
    decideLaw();
    if (pendingFrom < pending.length) {
      peer.schedule(this::giveUpPending, door.settings().finishWithin());
    } else {
      end();
    }
  }

  @Override
  public void onEvent(TranscriptEvent event) {
    synchronized (sendLock) {
      switch (event) {
        case TranscriptEvent.Partial partial ->
            peer.sendLatest(message("partial", partial.text(), partial.seq()));
        case TranscriptEvent.Final done -> {
          lastFinalSeq = done.seq();
          if (!peer.send(message("final", done.segment().text(), done.seq())) && peer.isOpen()) {
            door.meters().slowReaders.increment();
            peer.close(
                WebSocketClose.badRequest(
                    "too slow: finals unread; they are kept, read them at /ws/subscribe"));
          }
        }
        case TranscriptEvent.Ended _ -> {}
      }
    }
  }

  @Override
  public void onWritable() {
    peer.execute(this::pump);
  }

  @Override
  public void onClosed(SourceClosed reason) {
    LOG.info("Session {}: source closed, {}", sessionId, reason);
    peer.close(WebSocketClose.of(reason));
    peer.execute(
        () -> {
          ended = true;
          dropPending();
        });
  }

  private String message(String type, String text, long seq) {
    return door.json().writeValueAsString(new TranscribeMessage(type, text, seq));
  }

  private void take(byte[] g711) {
    if (g711.length == 0 || ended) {
      return;
    }
    float[] pcm = new float[g711.length];
    law.law().orElseThrow().decode(g711, 0, g711.length, pcm, 0);
    pending = pcm;
    pendingFrom = 0;
    pump();
  }

  /** Hands on what is pending until the session's queue is full; then TCP holds the client back. */
  private void pump() {
    SessionSource to = source;
    if (to == null || ended) {
      return;
    }
    while (pendingFrom < pending.length) {
      int length = Math.min(SLICE_SAMPLES, pending.length - pendingFrom);
      if (!to.accept(0, pending, pendingFrom, length)) {
        if (!queueFull) {
          queueFull = true;
          door.meters().pauses.increment();
          peer.pauseReading();
        }
        return;
      }
      pendingFrom += length;
    }
    pending = NOTHING;
    pendingFrom = 0;
    if (gone) {
      end();
    } else if (queueFull) {
      queueFull = false;
      peer.resumeReading();
    }
  }

  private void noteFrame() {
    sentAtLastFrame = peer.sent();
    lastFrameNs = System.nanoTime();
    if (!answerScheduled) {
      answerScheduled = true;
      peer.schedule(this::answer, door.settings().answerAfter());
    }
    if (!flushScheduled) {
      flushScheduled = true;
      peer.schedule(this::flushStalled, door.settings().flushAfter());
    }
  }

  private void answer() {
    answerScheduled = false;
    SessionSource from = source;
    if (gone || ended || from == null || peer.sent() != sentAtLastFrame) {
      return;
    }
    long restNs = door.settings().answerAfter().toNanos() - (System.nanoTime() - lastFrameNs);
    if (restNs > 0) {
      answerScheduled = true;
      peer.schedule(this::answer, Duration.ofNanos(restNs));
      return;
    }
    // Asked outside the lock: the session may be telling us of something newer at this moment.
    TranscriptEvent.Partial current = from.current(0);
    synchronized (sendLock) {
      if (peer.sent() != sentAtLastFrame) {
        return;
      }
      boolean stale = current.seq() <= lastFinalSeq;
      peer.sendLatest(
          stale
              ? message("partial", "", lastFinalSeq + 1)
              : message("partial", current.text(), current.seq()));
      door.meters().answers.increment();
    }
  }

  private void flushStalled() {
    flushScheduled = false;
    SessionSource to = source;
    if (gone || ended || to == null) {
      return;
    }
    long restNs = door.settings().flushAfter().toNanos() - (System.nanoTime() - lastFrameNs);
    if (restNs > 0 || queueFull) {
      flushScheduled = true;
      long waitNs = Math.max(restNs, TimeUnit.MILLISECONDS.toNanos(100));
      peer.schedule(this::flushStalled, Duration.ofNanos(waitNs));
      return;
    }
    decideLaw();
    if (pendingFrom < pending.length) {
      noteFrame();
      return;
    }
    door.meters().stallFlushes.increment();
    to.flush()
        .whenComplete(
            (_, failure) -> {
              if (failure != null) {
                LOG.warn("Session {}: the open utterance could not be ended", sessionId, failure);
              }
            });
  }

  /** No more audio will come to tell the laws apart. */
  private void decideLaw() {
    if (law.law().isEmpty() && law.heldBytes() > 0) {
      byte[] held = law.decide();
      reportLaw();
      take(held);
    }
  }

  private void reportLaw() {
    law.law()
        .ifPresent(
            found -> {
              door.meters().law(found, law.isDetected());
              if (source != null) {
                source.describe("law", found.name().toLowerCase(Locale.ROOT));
              }
              if (law.isDetected()) {
                LOG.info("Session {}: the audio is {}, detected", sessionId, found);
              }
            });
  }

  private void giveUpPending() {
    if (!ended) {
      dropPending();
      end();
    }
  }

  private void dropPending() {
    door.meters().lostAudioBytes.increment(pending.length - pendingFrom);
    pending = NOTHING;
    pendingFrom = 0;
  }

  private void end() {
    if (ended || source == null) {
      return;
    }
    ended = true;
    source
        .end("disconnect")
        .whenComplete(
            (_, failure) -> {
              if (failure != null) {
                LOG.error("Session {} did not end cleanly", sessionId, failure);
              }
            });
  }
}
