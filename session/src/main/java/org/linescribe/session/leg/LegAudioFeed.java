package org.linescribe.session.leg;

import io.micrometer.core.instrument.Counter;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegAudio;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.session.SourceRequest;

/**
 * One leg's audio and the recogniser stream that reads it; another stream reads all of the open
 * utterance again when that one fails.
 *
 * <p>Thread: the source's caller writes, the session's writer flushes and replaces; a lock, held
 * only for arithmetic and copies, separates them.
 */
public final class LegAudioFeed {
  private static final long NO_FLUSH = Long.MAX_VALUE;

  /** Kept before undecoded silence: more than a model's look-ahead and its first word's delay. */
  private static final long SILENCE_KEPT_MS = 3000;

  private final int index;
  private final SourceRequest.Leg leg;
  private final SourceMessageQueue messages;
  private final Counter replayTruncated;
  private final long replaySamples;
  private final long silenceKeptSamples;
  private final LegAudio audio;
  private @Nullable LegReader reader;
  private @Nullable RecogniserStream stream;
  private volatile int generation;
  private long detachedAtSample;
  private long flushRequestedAtSample = NO_FLUSH;
  private long flushAtSample = NO_FLUSH;
  private boolean flushing;
  private boolean refused;
  private boolean abandoned;
  private volatile boolean utteranceOpen;

  /**
   * @param replayTruncated counts audio that was forgotten before its final was durable
   */
  public LegAudioFeed(
      int index,
      SourceRequest.Leg leg,
      SourceMessageQueue messages,
      Counter replayTruncated,
      long replayMs) {
    this.index = index;
    this.leg = leg;
    this.messages = messages;
    this.replayTruncated = replayTruncated;
    this.replaySamples = replayMs * leg.sampleRateHz() / 1000;
    this.silenceKeptSamples = SILENCE_KEPT_MS * leg.sampleRateHz() / 1000;
    this.audio = new LegAudio(leg.sampleRateHz());
  }

  /** As {@link #LegAudioFeed}, of a leg that joins when so much of the timeline has passed. */
  public static LegAudioFeed joining(
      int index,
      SourceRequest.Leg leg,
      SourceMessageQueue messages,
      Counter replayTruncated,
      long replayMs,
      long atSamples) {
    LegAudioFeed joining = new LegAudioFeed(index, leg, messages, replayTruncated, replayMs);
    joining.audio.appendSilence(atSamples, System.nanoTime());
    joining.audio.forgetBefore(atSamples);
    joining.detachedAtSample = atSamples;
    return joining;
  }

  public String name() {
    return leg.name();
  }

  /** Opens a stream on a recogniser that reads everything from the last durable final on. */
  void openOn(Recogniser recogniser, StreamOptions options) {
    RecogniserStream old;
    int newGeneration;
    LegReader from;
    synchronized (this) {
      old = stream;
      stream = null;
      reader = null;
      newGeneration = ++generation;
      flushing = false;
      utteranceOpen = false;
      detachedAtSample = audio.end();
      from = audio.reader(audio.start(), () -> messages.post(new SourceMessage.Writable(index)));
      from.limit(readLimit());
    }
    if (old != null) {
      old.close();
    }
    // Audio that arrives meanwhile waits: opening may take time, and the caller must not block.
    RecogniserStream opened;
    try {
      opened = recogniser.open(from, options, new StreamListener(newGeneration));
    } catch (RuntimeException refusal) {
      from.close();
      throw refusal;
    }
    synchronized (this) {
      stream = opened;
      reader = from;
      flush();
      // A caller whose audio was refused before waits for onWritable, which the new reader will not
      // call because it has refused nothing.
      if (refused) {
        messages.post(new SourceMessage.Writable(index));
      }
    }
  }

  /** Takes what there is space for; returns how many samples that was. */
  public synchronized int write(short[] pcm, int offset, int samples) {
    if (abandoned) {
      advance(samples);
      return samples;
    }
    int taken = messages.isCrowded() ? 0 : space(samples);
    refused |= taken < samples;
    audio.append(pcm, offset, taken, System.nanoTime());
    bound();
    return taken;
  }

  private int space(int samples) {
    LegReader open = reader;
    return open != null
        ? open.space(samples)
        : Math.clamp(leg.sampleRateHz() - (audio.end() - detachedAtSample), 0, samples);
  }

  public synchronized void skip(int samples) {
    if (abandoned) {
      advance(samples);
      return;
    }
    audio.appendSilence(samples, System.nanoTime());
    bound();
  }

  private void advance(int samples) {
    audio.appendSilence(samples, System.nanoTime());
    audio.forgetBefore(audio.end());
  }

  /** Nobody will recognise this leg: its timeline goes on, its audio is dropped. */
  void abandon() {
    close();
    synchronized (this) {
      abandoned = true;
      advance(0);
    }
  }

  /** End of the audio written so far, in ms. */
  public synchronized long positionMs() {
    return audio.end() * 1000 / leg.sampleRateHz();
  }

  /** A place on the leg's timeline, in ms. */
  public long positionMs(long samples) {
    return samples * 1000 / leg.sampleRateHz();
  }

  /**
   * When the audio at a place came, as {@link System#nanoTime} told; empty where it is forgotten.
   */
  public OptionalLong arrivedNs(long atMs) {
    return audio.appendedNs(Math.max(0, atMs * leg.sampleRateHz() / 1000));
  }

  /** Audio that the recogniser has not decoded yet, in ms. */
  public synchronized long backlogMs() {
    LegReader open = reader;
    long decoded = open == null ? audio.start() : open.position();
    return Math.max(0, audio.end() - decoded) * 1000 / leg.sampleRateHz();
  }

  /** True when audio was refused earlier and there is space again. */
  public synchronized boolean resume() {
    LegReader open = reader;
    boolean writable = refused && !messages.isCrowded() && open != null && open.hasSpace();
    refused &= !writable;
    return writable;
  }

  /**
   * Marks the end of the audio that the next flush covers: audio accepted from now on is queued
   * until the flush is complete, however long the writer takes to begin it.
   */
  public synchronized void requestFlush() {
    flushRequestedAtSample = audio.end();
    limit();
  }

  /**
   * Ends the open utterance at the position of the requested flush.
   *
   * @return false when an earlier flush has ended it there already
   */
  public synchronized boolean flushRequested() {
    if (flushRequestedAtSample == NO_FLUSH) {
      return false;
    }
    flushAt(flushRequestedAtSample);
    return true;
  }

  /** Ends the open utterance at the end of all audio. */
  public synchronized void flushAll() {
    flushAt(audio.end());
  }

  private void flushAt(long sample) {
    flushRequestedAtSample = NO_FLUSH;
    flushAtSample = sample;
    limit();
    flush();
  }

  /** The recogniser completed the flush. */
  public synchronized void flushed() {
    flushAtSample = NO_FLUSH;
    flushing = false;
    limit();
  }

  private long readLimit() {
    return Math.min(flushAtSample, flushRequestedAtSample);
  }

  private void limit() {
    LegReader open = reader;
    if (open != null) {
      open.limit(readLimit());
    }
  }

  private void flush() {
    RecogniserStream open = stream;
    if (open == null || flushAtSample == NO_FLUSH || flushing) {
      return;
    }
    flushing = true;
    int asked = generation;
    open.flush()
        .whenComplete(
            (nothing, failure) ->
                messages.post(
                    failure == null
                        ? new SourceMessage.Flushed(index, asked)
                        : new SourceMessage.Failed(index, asked, failure)));
  }

  /** Drops audio that no replacement stream would need. */
  private void bound() {
    LegReader open = reader;
    if (open == null) {
      return;
    }
    if (!utteranceOpen) {
      audio.forgetBefore(open.held() - silenceKeptSamples);
    }
    long position = open.position();
    if (position - audio.start() > replaySamples) {
      replayTruncated.increment();
      audio.forgetBefore(position - replaySamples * 9 / 10);
    }
  }

  /** The audio up to here became a durable final. */
  public synchronized void settled(long decodedToMs) {
    audio.forgetBefore(decodedToMs * leg.sampleRateHz() / 1000);
  }

  public boolean isCurrent(int ofGeneration) {
    return generation == ofGeneration;
  }

  void close() {
    RecogniserStream old;
    synchronized (this) {
      old = stream;
      stream = null;
      reader = null;
      generation++;
    }
    if (old != null) {
      old.close();
    }
  }

  private final class StreamListener implements RecogniserListener {
    private final int of;

    private StreamListener(int of) {
      this.of = of;
    }

    @Override
    public void onHypothesis(Hypothesis hypothesis) {
      if (of == generation) {
        utteranceOpen = !hypothesis.isEmpty();
      }
      messages.post(new SourceMessage.Revised(index, of, hypothesis));
    }

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      if (of == generation) {
        utteranceOpen = false;
      }
      messages.post(new SourceMessage.Completed(index, of, hypothesis, decodedToMs));
    }

    @Override
    public void onFailure(RecogniserException failure) {
      messages.post(new SourceMessage.Failed(index, of, failure));
    }
  }
}
