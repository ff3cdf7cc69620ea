package org.linescribe.api.transcribe;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.ContainerCheck;
import org.linescribe.api.audio.SocketFeed;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One source: its audio into the session, the session's results out.
 *
 * <p><b>The lock-step client.</b> The document's Python example sends a frame and waits for a
 * message before it sends the next, so every frame needs a message after it, or the client waits
 * for ever. A message counts as sent before it can be on the wire: one that the client may have had
 * before it sent the frame is never taken for an answer. {@link LockStep} decides when the current
 * text is sent where there is no newer one.
 *
 * <p>Thread: the peer's event loop; {@link SourceListener} calls come from the session and change
 * nothing here but what {@code sendLock} guards.
 */
final class TranscribeSocket implements WebSocketReceiver, SourceListener {
  private static final Logger LOG = LoggerFactory.getLogger(TranscribeSocket.class);

  private final WebSocketPeer peer;
  private final SessionId sessionId;
  private final CodecChoice codec;
  private final TranscribeClients clients;
  private final SocketFeed feed;
  private final @Nullable AudioPosition position;
  private final Object sendLock = new Object();

  private final ContainerCheck check = new ContainerCheck();
  private final LockStep lockStep;
  private long sentAtLastFrame;
  private long lastFrameNs;
  private boolean answerScheduled;
  private boolean flushScheduled;

  private long lastFinalSeq;
  private Sessions.@Nullable Subscription following;
  private @Nullable WebSocketClose conflict;
  private boolean gone;

  /**
   * @param position of the client's audio in its session, where it wants to know; else null
   */
  TranscribeSocket(
      WebSocketPeer peer,
      SessionId sessionId,
      CodecChoice codec,
      @Nullable AudioPosition position,
      TranscribeClients clients) {
    this.peer = peer;
    this.sessionId = sessionId;
    this.codec = codec;
    this.clients = clients;
    this.lockStep = new LockStep(clients.settings().answerAfter());
    this.position = position;
    this.feed =
        new SocketFeed(
            peer,
            1,
            clients.settings().finishWithin(),
            position == null ? clients.meters() : position.watch(clients.meters()));
  }

  /** The session takes audio now. */
  void opened(SessionSource opened) {
    if (feed.opened(opened)) {
      AudioPosition wanted = position;
      if (wanted != null) {
        long from = wanted.begin(opened.continuesHere());
        peer.send(clients.json().writeValueAsString(new ResumeMessage("resume", from)));
      }
      peer.resumeReading();
    }
  }

  /**
   * Another source has the session: shows its results from now on, until the client sends audio of
   * its own. Thread: a virtual one.
   *
   * @param onAudio why the client is closed then
   */
  void follow(Sessions sessions, WebSocketClose onAudio) {
    long nextSeq = sessions.find(sessionId).map(SessionRecord::lastSeq).orElse(0L) + 1;
    Sessions.Subscription reading = sessions.subscribe(sessionId, nextSeq, new Follower());
    peer.execute(
        () -> {
          following = reading;
          conflict = onAudio;
          if (gone) {
            reading.close();
          } else {
            peer.resumeReading();
          }
        });
  }

  /** Thread: the subscription's own. */
  private final class Follower implements TranscriptReader {
    @Override
    public void onEvent(TranscriptEvent event) {
      TranscribeSocket.this.onEvent(event);
      if (event instanceof TranscriptEvent.Ended) {
        peer.close(WebSocketClose.NORMAL);
      }
    }

    @Override
    public void onFailure(Exception failure) {
      LOG.warn("Session {}: a reader's subscription failed", sessionId, failure);
      peer.close(WebSocketClose.FAILED);
    }
  }

  @Override
  public void onBinary(byte[] bytes) {
    WebSocketClose refusal = conflict;
    if (refusal != null) {
      if (bytes.length > 0) {
        clients.meters().refused("conflict");
        peer.close(refusal);
      }
      return;
    }
    // Read before the frame is processed: what is sent from now on may be its answer.
    long sent = peer.sent();
    clients.meters().frames.increment();
    clients.meters().audioBytes.increment(bytes.length);
    if (bytes.length == 0) {
      clients.meters().emptyFrames.increment();
    } else {
      process(bytes);
    }
    frameReceived(bytes.length, sent);
  }

  private void process(byte[] bytes) {
    boolean first = !check.isContainer();
    byte[] g711 = check.add(bytes);
    if (check.isContainer()) {
      clients.meters().skippedFrames.increment();
      if (first) {
        LOG.error(
            "Session {}: the audio is a file or a container (expected: raw G.711), ignored",
            sessionId);
      }
    }
    decode(g711);
  }

  private void decode(byte[] g711) {
    if (g711.length == 0) {
      return;
    }
    skippingWhatFails(
        () -> {
          boolean undecided = codec.law().isEmpty();
          byte[] decodable = codec.add(g711);
          if (undecided) {
            reportCodec();
          }
          take(decodable);
        });
  }

  /** A frame that cannot be processed is skipped; the next one is processed as if it were first. */
  private void skippingWhatFails(Runnable processing) {
    try {
      processing.run();
    } catch (RuntimeException failed) {
      clients.meters().skippedFrames.increment();
      LOG.error("Session {}: a frame was skipped", sessionId, failed);
    }
  }

  @Override
  public void onText(String text) {
    clients.meters().textFrames.increment();
    clients
        .textLog()
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
    if (following != null) {
      following.close();
      return;
    }
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
            clients.meters().slowReaders.increment();
            peer.close(WebSocketClose.TOO_SLOW);
          }
        }
        case TranscriptEvent.Dtmf _, TranscriptEvent.Ended _ -> {}
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
    return clients.json().writeValueAsString(new TranscribeMessage(type, text, seq));
  }

  private void take(byte[] g711) {
    if (g711.length > 0) {
      short[] pcm = new short[g711.length];
      codec.law().orElseThrow().decode(g711, 0, g711.length, pcm, 0);
      feed.take(0, pcm);
    }
  }

  private void frameReceived(int bytes, long sent) {
    boolean answered = sent != sentAtLastFrame;
    sentAtLastFrame = sent;
    lastFrameNs = System.nanoTime();
    Duration wait = lockStep.frame(bytes, answered, lastFrameNs);
    if (wait.isZero()) {
      answer();
    } else if (!answerScheduled) {
      answerScheduled = true;
      peer.schedule(this::answerWhenDue, wait);
    }
    if (!flushScheduled) {
      flushScheduled = true;
      peer.schedule(this::flushStalled, clients.settings().flushAfter());
    }
  }

  private void answerWhenDue() {
    answerScheduled = false;
    if (feed.source() == null || peer.sent() != sentAtLastFrame) {
      return;
    }
    long restNs = lockStep.currentWait().toNanos() - (System.nanoTime() - lastFrameNs);
    if (restNs > 0) {
      answerScheduled = true;
      peer.schedule(this::answerWhenDue, Duration.ofNanos(restNs));
    } else {
      lockStep.answeredSilence();
      answer();
    }
  }

  /** Sends the current text, unless a message was sent since the last frame. */
  private void answer() {
    SessionSource from = feed.source();
    if (from == null) {
      return;
    }
    // Read outside the lock: the session may be delivering something newer at this moment.
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
      clients.meters().answers.increment();
    }
  }

  private void flushStalled() {
    flushScheduled = false;
    SessionSource to = feed.source();
    if (to == null) {
      return;
    }
    long restNs = clients.settings().flushAfter().toNanos() - (System.nanoTime() - lastFrameNs);
    if (restNs > 0 || feed.holdsBack()) {
      flushScheduled = true;
      long waitNs = Math.max(restNs, TimeUnit.MILLISECONDS.toNanos(100));
      peer.schedule(this::flushStalled, Duration.ofNanos(waitNs));
      return;
    }
    skippingWhatFails(this::decideLaw);
    if (feed.holdsBack()) {
      lastFrameNs = System.nanoTime();
      flushScheduled = true;
      peer.schedule(this::flushStalled, clients.settings().flushAfter());
      return;
    }
    clients.meters().stallFlushes.increment();
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
    decode(check.end());
    if (codec.law().isEmpty() && codec.heldBytes() > 0) {
      byte[] held = codec.decide();
      reportCodec();
      take(held);
    }
  }

  private void reportCodec() {
    codec
        .law()
        .ifPresent(
            found -> {
              clients.meters().law(found, codec.isDetected());
              SessionSource fed = feed.source();
              if (fed != null) {
                String name = found.name().toLowerCase(Locale.ROOT);
                fed.describe("codec", name);
                // Its former name, documented as an alias.
                fed.describe("law", name);
              }
              if (codec.isDetected()) {
                LOG.info("Session {}: the audio is {}, detected", sessionId, found);
              }
            });
  }
}
