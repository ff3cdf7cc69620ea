package org.linescribe.api.stt;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.RefusedRequestException;
import org.linescribe.api.WebSocketClose;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;

/**
 * A session that lives between the requests of its client.
 *
 * <p>Thread: requests one at a time, on virtual threads, in their order; {@link SourceListener}
 * calls come from the session.
 */
final class HeldSession implements SourceListener {
  private static final Logger LOG = LoggerFactory.getLogger(HeldSession.class);

  /** Finals of one answer; who reads so seldom finds the rest at {@code /sessions}. */
  private static final int MAX_FINALS = 1000;

  private final SttSession session;
  private final SttClients door;
  private final PcmIntake intake;
  private final ChunkDecoder decoder;
  private final boolean resumed;

  /** Guards the requests' order. */
  final ReentrantLock turn = new ReentrantLock(true);

  private final Semaphore bell = new Semaphore(0);
  private final Deque<Segment> finals = new ArrayDeque<>();
  private TranscriptEvent.@Nullable Partial partial;
  private @Nullable SourceClosed closed;
  private volatile @Nullable SessionSource source;
  private volatile boolean ended;

  HeldSession(SttSession session, SttClients door, Ffmpeg ffmpeg, boolean resumed) {
    this.session = session;
    this.door = door;
    this.resumed = resumed;
    this.intake = new PcmIntake(session.request().sampleRateHz(), session.request().legRateHz());
    this.decoder = new ChunkDecoder(ffmpeg, session.request().legRateHz(), this::feed);
  }

  /**
   * What is known after a chunk. Members of a transcription as on the WebSocket: the finals since
   * the last answer, or, where there is none, the open utterance.
   *
   * @param isFinal whether {@code text} will not change any more
   * @param seq number of the last final in {@code text}, or that the open utterance will get
   * @param finals since the last answer
   * @param partial the open utterance, left out where there is none
   * @param ended whether the session is over
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Answer(
      String type,
      String sessionId,
      String text,
      boolean isFinal,
      @Nullable Double confidence,
      String language,
      String timestamp,
      long seq,
      String provider,
      int sampleRate,
      boolean resumed,
      List<SttMessages.Transcription> finals,
      SttMessages.@Nullable Transcription partial,
      boolean ended,
      @Nullable String warning) {}

  SttSession session() {
    return session;
  }

  void opened(SessionSource opened) {
    source = opened;
  }

  boolean isOver() {
    return ended;
  }

  /** Takes a chunk and tells what is known. Blocks. */
  Answer take(ChunkForm form, boolean isLast) throws InterruptedException {
    session.active(System.nanoTime());
    bell.drainPermits();
    try {
      if (!decoder.take(form)) {
        float[] pcm = intake.add(form.audio());
        feed(pcm, 0, pcm.length);
      }
      if (isLast) {
        decoder.finish();
        float[] rest = intake.drain();
        feed(rest, 0, rest.length);
      }
    } catch (DecodeException undecodable) {
      throw refused(undecodable);
    } catch (IOException failed) {
      throw new RefusedRequestException(
          HttpStatus.INSUFFICIENT_STORAGE, "The chunk cannot be kept on this node", Map.of());
    }
    if (isLast) {
      end("final_chunk");
    } else if (form.audio().length > 0) {
      bell.tryAcquire(door.settings().chunkAnswer().toMillis(), TimeUnit.MILLISECONDS);
    }
    session.active(System.nanoTime());
    return answer();
  }

  /** Thread: the request's, or the decoder's while the request waits for it. */
  private void feed(float[] pcm, int offset, int length) throws IOException {
    SessionSource to = source;
    if (to == null) {
      throw new IllegalStateException("fed before it was opened");
    }
    int slice = session.request().legRateHz() / 10;
    long deadlineNs = System.nanoTime() + door.settings().finishWithin().toNanos();
    for (int at = 0; at < length; ) {
      int count = Math.min(slice, length - at);
      if (to.accept(0, pcm, offset + at, count)) {
        session.tookAudio(count);
        at += count;
        continue;
      }
      SourceClosed why = closed();
      if (why != null || ended) {
        throw new RefusedRequestException(
            HttpStatus.CONFLICT,
            why == null ? "The session has ended" : WebSocketClose.of(why).reason(),
            Map.of("session_id", session.id().value()));
      }
      long leftNs = deadlineNs - System.nanoTime();
      if (leftNs <= 0) {
        throw RefusedRequestException.unavailable(
            "The recogniser did not take the audio in time", Duration.ofSeconds(5));
      }
      awaitBell(Math.min(leftNs, TimeUnit.MILLISECONDS.toNanos(100)));
    }
  }

  private void awaitBell(long ns) throws IOException {
    try {
      if (bell.tryAcquire(ns, TimeUnit.NANOSECONDS)) {
        bell.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Ends the session; its last words are there when this returns. Idempotent. Blocks. */
  void end(String reason) throws InterruptedException {
    SessionSource to = source;
    ended = true;
    decoder.close();
    if (to == null) {
      return;
    }
    try {
      to.end(reason)
          .toCompletableFuture()
          .get(door.settings().finishWithin().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException failed) {
      LOG.error("Session {} did not end cleanly", session.id(), failed);
    } finally {
      // Not before: its last finals count.
      door.open().ended(session);
    }
  }

  /** Holds the session against its own clock, which runs by audio alone. */
  void hold() {
    SessionSource to = source;
    if (to != null) {
      to.skip(0, 0);
    }
  }

  private synchronized Answer answer() {
    String language = session.choice().language();
    List<SttMessages.Transcription> said = new ArrayList<>();
    List<org.linescribe.asr.Token> tokens = new ArrayList<>();
    for (Segment segment : finals) {
      said.add(door.messages().transcription(segment, language));
      tokens.addAll(segment.tokens());
    }
    finals.clear();
    TranscriptEvent.Partial open = partial;
    boolean isOpen = open != null && !open.text().isEmpty() && !ended;
    SttMessages.Transcription current =
        isOpen ? door.messages().transcription(open, language) : null;
    boolean isFinal = !said.isEmpty() || (ended && current == null);
    SessionSource from = source;
    long next = from == null ? 1 : from.current(0).seq();
    return new Answer(
        "transcription",
        session.id().value(),
        isFinal
            ? String.join(" ", said.stream().map(SttMessages.Transcription::text).toList())
            : current == null ? "" : current.text(),
        isFinal,
        isFinal ? SttMessages.confidence(tokens) : current == null ? null : current.confidence(),
        language,
        door.messages().now(),
        said.isEmpty() ? next : said.getLast().seq(),
        session.choice().provider(),
        session.request().sampleRateHz(),
        resumed,
        said,
        current,
        ended,
        SttMessages.warning(session.choice().warnings()));
  }

  private synchronized @Nullable SourceClosed closed() {
    return closed;
  }

  @Override
  public synchronized void onEvent(TranscriptEvent event) {
    session.said(event);
    switch (event) {
      case TranscriptEvent.Partial revised -> partial = revised;
      case TranscriptEvent.Final(Segment segment) -> {
        partial = null;
        finals.addLast(segment);
        if (finals.size() > MAX_FINALS) {
          finals.removeFirst();
        }
      }
      case TranscriptEvent.Ended _ -> {}
    }
    bell.release();
  }

  @Override
  public void onWritable() {
    bell.release();
  }

  @Override
  public void onClosed(SourceClosed reason) {
    LOG.info("Session {}: source closed, {}", session.id(), reason);
    synchronized (this) {
      closed = reason;
    }
    ended = true;
    door.open().ended(session);
    bell.release();
  }

  /** The opening failed, or the session is over: frees what it holds. Thread: who has the turn. */
  void discard() {
    ended = true;
    decoder.close();
  }

  private static RefusedRequestException refused(DecodeException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof RefusedRequestException known) {
        return known;
      }
    }
    return switch (e.reason()) {
      case BUSY ->
          RefusedRequestException.unavailable("All decoders are busy", Duration.ofSeconds(5));
      case UNAVAILABLE ->
          RefusedRequestException.unavailable(
              "No decoder is available on this node", Duration.ofMinutes(1));
      case UNREADABLE ->
          new RefusedRequestException(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE, "audio_chunk: not decodable", Map.of());
      case TOO_MUCH_OUTPUT ->
          new RefusedRequestException(
              HttpStatus.CONTENT_TOO_LARGE, "audio_chunk: too much audio", Map.of());
      case CRASHED, HUNG ->
          RefusedRequestException.unavailable(
              "The decoder failed; send the container again", Duration.ofSeconds(1));
      case EMPTY, TOO_LONG, TOO_MUCH_MEMORY, SINK_FAILED, CANCELLED ->
          new RefusedRequestException(
              HttpStatus.UNPROCESSABLE_CONTENT,
              "audio_chunk: corrupt, or it holds no audio",
              Map.of());
    };
  }
}
