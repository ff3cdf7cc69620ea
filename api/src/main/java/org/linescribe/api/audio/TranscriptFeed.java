package org.linescribe.api.audio;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.BlockingAudioWriter;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds 16-bit PCM of a file or a stream into the transcript of a session, by a {@link
 * LegConverter}.
 *
 * <p>A recogniser that falls behind slows the caller down; one that takes nothing for half a minute
 * is given up, and the caller goes on without a transcript.
 *
 * <p>Thread: {@link #accept} and {@link #end} one at a time under the caller's care; both block.
 * Events come on the session's thread.
 */
public final class TranscriptFeed implements SourceListener {
  private static final Logger LOG = LoggerFactory.getLogger(TranscriptFeed.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int PIECE_SAMPLES = 1600;

  private final Sessions sessions;
  private final SourceRequest request;
  private final LegConverter converter;
  private final Consumer<TranscriptEvent> events;

  private volatile BlockingAudioWriter writer = new BlockingAudioWriter(PATIENCE);
  private volatile @Nullable SessionSource source;
  private volatile boolean ended;
  private volatile boolean mayReopen = true;

  /**
   * @param request its legs at the rate that {@link LegConverter#legRateHz} tells
   * @param sampleRateHz of the PCM
   * @param channels of the PCM
   * @param events what the session makes of it; must not block
   */
  public TranscriptFeed(
      Sessions sessions,
      SourceRequest request,
      int sampleRateHz,
      int channels,
      Consumer<TranscriptEvent> events) {
    this.sessions = sessions;
    this.request = request;
    this.converter = new LegConverter(sampleRateHz, channels, request.legs().size());
    this.events = events;
  }

  /** Opens the source now, so that a refusal is known before the session exists. Blocks. */
  public void open() throws SessionRefusedException {
    source = sessions.open(request, this);
  }

  /** Whether audio still becomes text. */
  public boolean isLive() {
    return !ended;
  }

  /**
   * @param pcm whole frames, interleaved; borrowed
   */
  public void accept(short[] pcm) {
    if (ended) {
      return;
    }
    try {
      write(converter.process(pcm, 0, pcm.length));
    } catch (IOException e) {
      giveUp(e.getMessage());
    }
  }

  private void write(List<short[]> legs) throws IOException {
    int samples = legs.getFirst().length;
    // Piece by piece, so that neither leg runs far ahead of the other.
    for (int from = 0; from < samples; from += PIECE_SAMPLES) {
      for (int leg = 0; leg < legs.size(); leg++) {
        write(leg, legs.get(leg), from, Math.min(PIECE_SAMPLES, samples - from));
      }
    }
  }

  private void write(int leg, short[] pcm, int offset, int samples) throws IOException {
    int written = 0;
    while (written < samples && !ended) {
      SessionSource open = openSource();
      written += writer.write(open, leg, pcm, offset + written, samples - written);
    }
  }

  private SessionSource openSource() throws IOException {
    SessionSource open = source;
    if (open == null && !mayReopen) {
      throw new IOException("the transcript's source was closed");
    }
    if (open == null) {
      writer = new BlockingAudioWriter(PATIENCE);
      try {
        open = source = sessions.open(request, this);
      } catch (SessionRefusedException e) {
        throw new IOException("the transcript cannot go on: " + e.getMessage(), e);
      }
    }
    return open;
  }

  private void giveUp(@Nullable String why) {
    if (!ended) {
      LOG.warn("Session {} goes on without a transcript: {}", request.sessionId(), why);
    }
    ended = true;
    endSource("failed");
  }

  /** Brings the last audio to the recogniser and waits until the last final is stored. */
  public void end(String reason) {
    try {
      if (!ended) {
        write(converter.drain());
      }
    } catch (IOException e) {
      LOG.warn("Session {}: the transcript lacks its end: {}", request.sessionId(), e.getMessage());
    }
    ended = true;
    endSource(reason);
  }

  private void endSource(String reason) {
    SessionSource open = source;
    source = null;
    mayReopen = false;
    if (open != null) {
      try {
        open.end(reason)
            .toCompletableFuture()
            .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .join();
      } catch (CompletionException e) {
        LOG.warn(
            "Session {}: the transcript's end is late: {}", request.sessionId(), e.getMessage());
      }
    }
  }

  @Override
  public void onEvent(TranscriptEvent event) {
    events.accept(event);
  }

  @Override
  public void onWritable() {
    writer.wake();
  }

  @Override
  public void onClosed(SourceClosed reason) {
    mayReopen = reason == SourceClosed.IDLE;
    // In this order: the writer of a source that is opened anew must not be closed.
    writer.close();
    source = null;
  }
}
