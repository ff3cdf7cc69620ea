package org.linescribe.api.stt;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.LegConverter;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.asr.Token;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.StreamDecoder;
import org.linescribe.session.BlockingAudioWriter;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;

/**
 * A session that stays open between the requests of its client.
 *
 * <p>Thread: one request at a time, on a virtual thread that holds {@link #order}; {@link
 * SourceListener} calls come from the session.
 */
final class HeldSession implements SourceListener {
  private static final Logger LOG = LoggerFactory.getLogger(HeldSession.class);

  /** Finals of one answer; a client that asks less often finds the rest at {@code /sessions}. */
  private static final int MAX_FINALS = 1000;

  /** Why a session ends with a chunk that names none. */
  static final String SINGLE_CHUNK = "single_chunk";

  private final SttSession session;
  private final SttClients clients;
  private final LegConverter resampler;
  private final boolean resumed;
  private final Optional<Beginning> beginning;

  /** Serves the requests of a session in the order of their arrival. */
  final ReentrantLock order = new ReentrantLock(true);

  private final BlockingAudioWriter writer;
  private final Semaphore events = new Semaphore(0);
  private final Deque<Segment> finals = new ArrayDeque<>();
  private TranscriptEvent.@Nullable Partial partial;
  private @Nullable SourceClosed closed;
  private @Nullable StreamDecoder decoder;
  private long decodedSamples;
  private long samplesToSkip;
  private boolean wholeFiles;
  private volatile @Nullable SessionSource source;
  private volatile boolean ended;

  /**
   * The chunk that a stream began with, transcribed in a session of its own. The next chunk may go
   * on within a sample or a container, so its decoder needs these bytes again.
   *
   * @param samples that were decoded of it
   */
  record Beginning(SttRequest request, byte[] bytes, long samples) {}

  HeldSession(
      SttSession session, SttClients clients, boolean resumed, Optional<Beginning> beginning) {
    this.beginning = beginning;
    this.session = session;
    this.clients = clients;
    this.resumed = resumed;
    this.resampler = new LegConverter(session.request().sampleRateHz(), 1, 1);
    this.writer = new BlockingAudioWriter(clients.settings().finishWithin());
  }

  /**
   * The state after a chunk. Members of a transcription are as on the WebSocket: the finals since
   * the last answer or, where there are none, the open utterance.
   *
   * @param isFinal whether {@code text} will not change any more
   * @param seq number of the last final in {@code text}, or that the open utterance will get
   * @param finals since the last answer
   * @param partial the open utterance, left out where there is none
   * @param ended whether the session has ended
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

  /** The chunk as the beginning of a stream; empty where it was whole files. */
  Optional<Beginning> beginning(ChunkForm form) {
    return wholeFiles
        ? Optional.empty()
        : Optional.of(new Beginning(session.request(), form.audio(), decodedSamples));
  }

  boolean hasEnded() {
    return ended;
  }

  /**
   * Writes a chunk to the session and returns the state after it. Blocks.
   *
   * @param endReason why the session ends with this chunk, null where it goes on
   */
  Answer write(ChunkForm form, @Nullable String endReason) throws InterruptedException {
    session.active(System.nanoTime());
    events.drainPermits();
    try {
      decode(form, endReason != null);
    } catch (IOException failed) {
      closeDecoder();
      if (SINGLE_CHUNK.equals(endReason)
          && failed instanceof DecodeException e
          && e.reason() == DecodeException.Reason.EMPTY) {
        // The first piece of a container may end before its first audio.
        end(endReason);
        return answer();
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while the chunk was decoded");
      }
      throw refused(failed);
    }
    if (endReason != null) {
      end(endReason);
    } else if (form.audio().length > 0) {
      events.tryAcquire(clients.settings().chunkAnswer().toMillis(), TimeUnit.MILLISECONDS);
    }
    session.active(System.nanoTime());
    return answer();
  }

  private void decode(ChunkForm form, boolean last) throws IOException {
    StreamDecoder current = decoder;
    if (current == null) {
      current =
          decoder =
              new StreamDecoder(
                  clients.ffmpeg(),
                  session.request().sampleRateHz(),
                  1,
                  form.statedFormat(),
                  DecodeLimits.live(),
                  this::toLeg);
      if (decodedSamples == 0 && beginning.isPresent() && !form.beginsContainer()) {
        byte[] before = beginning.get().bytes();
        samplesToSkip = beginning.get().samples();
        current.write(before, 0, before.length);
      }
    }
    current.write(form.audio(), 0, form.audio().length);
    wholeFiles = current.isBetweenFiles();
    if (last || wholeFiles) {
      // A child holds audio back until its input ends; and what follows a file need not be one.
      current.finish();
      closeDecoder();
    }
    if (last) {
      toSource(resampler.drain().getFirst());
    }
  }

  /** Thread: the request's, or the decoder's while the request waits for it. */
  private void toLeg(short[] pcm) throws IOException {
    decodedSamples += pcm.length;
    int skipped = (int) Math.min(samplesToSkip, pcm.length);
    samplesToSkip -= skipped;
    if (skipped < pcm.length) {
      toSource(resampler.process(pcm, skipped, pcm.length - skipped).getFirst());
    }
  }

  private void toSource(short[] pcm) throws IOException {
    SessionSource to = source;
    if (to == null) {
      throw new IllegalStateException("audio before the session was opened");
    }
    try {
      int taken = writer.write(to, 0, pcm, 0, pcm.length);
      session.tookAudio(taken);
      if (taken < pcm.length) {
        SourceClosed why = closed();
        throw RefusedRequestException.conflict(
            why == null ? "The session has ended" : WebSocketClose.of(why).reason(), session.id());
      }
    } catch (BlockingAudioWriter.LateException e) {
      throw RefusedRequestException.unavailable(
          "The recogniser did not take the audio in time", Duration.ofSeconds(5));
    }
  }

  /** Ends the session; its last finals have arrived when this returns. Idempotent. Blocks. */
  void end(String reason) throws InterruptedException {
    SessionSource to = source;
    close();
    if (to == null) {
      return;
    }
    try {
      to.end(reason)
          .toCompletableFuture()
          .get(clients.settings().finishWithin().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException failed) {
      LOG.error("Session {} did not end cleanly", session.id(), failed);
    } finally {
      // Not earlier, because its last finals count.
      clients.open().ended(session);
    }
  }

  /** Keeps the session from ending for want of audio; only its client's silence ends it. */
  void keepAlive() {
    SessionSource to = source;
    if (to != null) {
      to.skip(0, 0);
    }
  }

  private synchronized Answer answer() {
    String language = session.language();
    List<SttMessages.Transcription> said = new ArrayList<>();
    List<Token> tokens = new ArrayList<>();
    for (Segment segment : finals) {
      said.add(clients.messages().transcription(segment, language));
      tokens.addAll(segment.tokens());
    }
    finals.clear();
    TranscriptEvent.Partial open = partial;
    boolean isOpen = open != null && !open.text().isEmpty() && !ended;
    SttMessages.Transcription current =
        isOpen ? clients.messages().transcription(open, language) : null;
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
        clients.messages().now(),
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
      case TranscriptEvent.Dtmf _, TranscriptEvent.Ended _ -> {}
    }
    events.release();
  }

  @Override
  public void onWritable() {
    writer.wake();
  }

  @Override
  public void onClosed(SourceClosed reason) {
    LOG.info("Session {}: source closed, {}", session.id(), reason);
    synchronized (this) {
      closed = reason;
    }
    ended = true;
    clients.open().ended(session);
    writer.close();
    events.release();
  }

  /** Releases the decoder; nothing more is written. Idempotent. Thread: the holder of the order. */
  void close() {
    ended = true;
    writer.close();
    closeDecoder();
  }

  /** The next chunk is decoded as the first of a stream. */
  private void closeDecoder() {
    StreamDecoder current = decoder;
    decoder = null;
    if (current != null) {
      current.close();
    }
  }

  private static RefusedRequestException refused(IOException failure) {
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof RefusedRequestException known) {
        return known;
      }
    }
    if (failure instanceof FileSystemException) {
      return new RefusedRequestException(
          HttpStatus.INSUFFICIENT_STORAGE, "The chunk cannot be kept on this node");
    }
    RefusedRequestException corrupt =
        new RefusedRequestException(
            HttpStatus.UNPROCESSABLE_CONTENT, "audio_chunk: corrupt, or it holds no audio");
    if (!(failure instanceof DecodeException e)) {
      return corrupt;
    }
    return switch (e.reason()) {
      case BUSY ->
          RefusedRequestException.unavailable("All decoders are busy", Duration.ofSeconds(5));
      case UNAVAILABLE ->
          RefusedRequestException.unavailable(
              "No decoder is available on this node", Duration.ofMinutes(1));
      case UNREADABLE ->
          new RefusedRequestException(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE, "audio_chunk: not decodable");
      case TOO_MUCH_OUTPUT ->
          new RefusedRequestException(HttpStatus.CONTENT_TOO_LARGE, "audio_chunk: too much audio");
      case CRASHED, HUNG ->
          RefusedRequestException.unavailable(
              "The decoder failed; send the container again", Duration.ofSeconds(1));
      case EMPTY, TOO_LONG, TOO_MUCH_MEMORY, SINK_FAILED, CANCELLED -> corrupt;
    };
  }
}
