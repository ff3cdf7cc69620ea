package org.linescribe.api.transcribe;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.linescribe.api.SocketFeed;
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

  private static final int RATE_HZ = 8000;

  private final WebSocketPeer peer;
  private final SessionId sessionId;
  private final LawChoice law;
  private final TranscribeClients door;
  private final SocketFeed feed;
  private final Object sendLock = new Object();

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
    this.feed = new SocketFeed(peer, RATE_HZ, door.settings().finishWithin(), door.meters());
  }

  /** The session takes audio now. */
  void opened(SessionSource opened) {
    if (feed.opened(opened)) {
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
    skippingWhatFails(
        () -> {
          boolean undecided = law.law().isEmpty();
          byte[] decodable = law.add(bytes);
          if (undecided) {
            reportLaw();
          }
          take(decodable);
        });
  }

  /** A frame that cannot be processed is skipped; the next one is processed as if it were first. */
  private void skippingWhatFails(Runnable processing) {
    try {
      processing.run();
    } catch (RuntimeException failed) {
      door.meters().skippedFrames.increment();
      LOG.error("Session {}: a frame was skipped", sessionId, failed);
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
    skippingWhatFails(this::decideLaw);
    skippingWhatFails(feed::clientGone);
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
            peer.close(WebSocketClose.TOO_SLOW);
          }
        }
        case TranscriptEvent.Ended _ -> {}
      }
    }
  }

  @Override
  public void onWritable() {
    peer.execute(() -> skippingWhatFails(feed::handOn));
  }

  @Override
  public void onClosed(SourceClosed reason) {
    LOG.info("Session {}: source closed, {}", sessionId, reason);
    peer.close(WebSocketClose.of(reason));
    peer.execute(feed::sourceClosed);
  }

  private String message(String type, String text, long seq) {
    return door.json().writeValueAsString(new TranscribeMessage(type, text, seq));
  }

  private void take(byte[] g711) {
    if (g711.length > 0) {
      float[] pcm = new float[g711.length];
      law.law().orElseThrow().decode(g711, 0, g711.length, pcm, 0);
      feed.take(pcm);
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
    SessionSource from = feed.source();
    if (from == null || peer.sent() != sentAtLastFrame) {
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
    SessionSource to = feed.source();
    if (to == null) {
      return;
    }
    long restNs = door.settings().flushAfter().toNanos() - (System.nanoTime() - lastFrameNs);
    if (restNs > 0 || feed.holdsBack()) {
      flushScheduled = true;
      long waitNs = Math.max(restNs, TimeUnit.MILLISECONDS.toNanos(100));
      peer.schedule(this::flushStalled, Duration.ofNanos(waitNs));
      return;
    }
    skippingWhatFails(this::decideLaw);
    if (feed.holdsBack()) {
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
              SessionSource fed = feed.source();
              if (fed != null) {
                fed.describe("law", found.name().toLowerCase(Locale.ROOT));
              }
              if (law.isDetected()) {
                LOG.info("Session {}: the audio is {}, detected", sessionId, found);
              }
            });
  }
}
