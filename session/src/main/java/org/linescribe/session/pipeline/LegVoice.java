package org.linescribe.session.pipeline;

import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.session.SourceRequest;

/**
 * One leg's way to its recogniser, which may be replaced on the way.
 *
 * <p>Thread: the door's feeds, the session's writer flushes and replaces; a lock, held only for
 * arithmetic and copies, keeps them apart.
 */
final class LegVoice {
  private static final int CHUNKS_PER_SECOND = 10;
  private static final long NO_FLUSH = Long.MAX_VALUE;

  /** Kept before undecoded silence: more than a model's look-ahead and its first word's delay. */
  private static final long SILENCE_KEPT_MS = 3000;

  private final int index;
  private final SourceRequest.Leg leg;
  private final Mailbox mailbox;
  private final SessionMeters meters;
  private final long replaySamples;
  private final int unfedLimit;
  private final ReentrantLock lock = new ReentrantLock();
  private final RetainedAudio audio;
  private @Nullable RecogniserStream stream;
  private @Nullable RateMatch rate;
  private volatile int generation;
  private int convertedSamples;
  private long flushAskedAtSample = NO_FLUSH;
  private long flushAtSample = NO_FLUSH;
  private boolean flushing;
  private boolean refused;
  private volatile boolean utteranceOpen;

  LegVoice(int index, SourceRequest.Leg leg, Mailbox mailbox, SessionMeters meters, long replayMs) {
    this.index = index;
    this.leg = leg;
    this.mailbox = mailbox;
    this.meters = meters;
    this.replaySamples = replayMs * leg.sampleRateHz() / 1000;
    this.unfedLimit = leg.sampleRateHz();
    this.audio = new RetainedAudio(leg.sampleRateHz() / CHUNKS_PER_SECOND);
  }

  String name() {
    return leg.name();
  }

  /** Opens a stream on a recogniser and feeds it everything from the last durable final on. */
  void openOn(Recogniser recogniser, StreamOptions options) {
    RateMatch newRate =
        new RateMatch(
            leg.sampleRateHz(),
            recogniser.info().sampleRateHz(),
            leg.sampleRateHz() / CHUNKS_PER_SECOND);
    RecogniserStream old;
    int newGeneration;
    long startSample;
    lock.lock();
    try {
      old = stream;
      stream = null;
      newGeneration = ++generation;
      startSample = audio.rewind();
      flushing = false;
      convertedSamples = 0;
      utteranceOpen = false;
    } finally {
      lock.unlock();
    }
    if (old != null) {
      old.close();
    }
    // Audio that arrives meanwhile waits: the opening may take time, the door must not.
    RecogniserStream opened =
        recogniser.open(
            new StreamOptions(
                options.endpointSilence(),
                options.language(),
                startSample * 1000 / leg.sampleRateHz()),
            new Ear(newGeneration));
    lock.lock();
    try {
      stream = opened;
      rate = newRate;
      feed();
      // A door that the old stream had refused waits for a word that only a stream which refused
      // would give.
      if (refused) {
        mailbox.post(new Note.Writable(index));
      }
    } finally {
      lock.unlock();
    }
  }

  boolean accept(float[] pcm, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, pcm.length);
    lock.lock();
    try {
      if (mailbox.isCrowded()
          || (audio.unfedSamples() > 0 && audio.unfedSamples() + length > unfedLimit)) {
        refused = true;
        return false;
      }
      audio.append(pcm, offset, length);
      feed();
      bound();
      return true;
    } finally {
      lock.unlock();
    }
  }

  void skip(int samples) {
    if (samples < 0) {
      throw new IllegalArgumentException("samples: " + samples + " (expected: >= 0)");
    }
    lock.lock();
    try {
      audio.appendSilence(samples);
      feed();
      bound();
    } finally {
      lock.unlock();
    }
  }

  /** Feeds what waits; true when audio was refused earlier and there is room again. */
  boolean resume() {
    lock.lock();
    try {
      feed();
      boolean writable = refused && !mailbox.isCrowded() && audio.unfedSamples() <= unfedLimit / 2;
      if (writable) {
        refused = false;
      }
      return writable;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Marks the end of the audio that the coming flush is for: what is accepted from now on waits for
   * its end, however long the writer takes to begin it.
   */
  void askFlush() {
    lock.lock();
    try {
      flushAskedAtSample = audio.endSample();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the open utterance where a flush was asked for.
   *
   * @return false when an earlier flush has ended it there already
   */
  boolean flushAsked() {
    lock.lock();
    try {
      if (flushAskedAtSample == NO_FLUSH) {
        return false;
      }
      flushAt(flushAskedAtSample);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the open utterance at the end of all audio. */
  void flushAll() {
    lock.lock();
    try {
      flushAt(audio.endSample());
    } finally {
      lock.unlock();
    }
  }

  private void flushAt(long sample) {
    flushAskedAtSample = NO_FLUSH;
    flushAtSample = sample;
    feed();
  }

  /** The flush that was asked for is done. */
  void flushed() {
    lock.lock();
    try {
      flushAtSample = NO_FLUSH;
      flushing = false;
      feed();
    } finally {
      lock.unlock();
    }
  }

  private void feed() {
    RecogniserStream open = stream;
    RateMatch match = rate;
    if (open == null || match == null) {
      return;
    }
    long until = Math.min(flushAtSample, flushAskedAtSample);
    for (RetainedAudio.Chunk chunk = audio.next();
        chunk != null && chunk.startSample() < until;
        chunk = audio.next()) {
      short[] pcm = chunk.pcm();
      if (pcm == null) {
        open.skip(match.skip(chunk.length()));
      } else {
        if (convertedSamples == 0) {
          convertedSamples = match.convert(pcm);
        }
        if (!open.accept(match.output(), 0, convertedSamples)) {
          return;
        }
        convertedSamples = 0;
      }
      audio.fedNext();
    }
    if (flushAtSample != NO_FLUSH && !flushing) {
      flushing = true;
      int asked = generation;
      CompletionStage<Void> done = open.flush();
      done.whenComplete(
          (nothing, failure) ->
              mailbox.post(
                  failure == null
                      ? new Note.Flushed(index, asked)
                      : new Note.Failed(index, asked, failure)));
    }
  }

  /** Forgets audio that no replacement would need. */
  private void bound() {
    RecogniserStream open = stream;
    if (open == null) {
      return;
    }
    int rateHz = leg.sampleRateHz();
    if (!utteranceOpen && audio.fedSamples() > (SILENCE_KEPT_MS + 1000) * rateHz / 1000) {
      long keptMs = open.queuedMs() + SILENCE_KEPT_MS;
      audio.forgetBefore(audio.endSample() - audio.unfedSamples() - keptMs * rateHz / 1000);
    }
    if (audio.fedSamples() > replaySamples) {
      meters.replayTruncated.increment();
      audio.forgetBefore(audio.endSample() - audio.unfedSamples() - replaySamples * 9 / 10);
    }
  }

  /** The audio up to here became a durable final. */
  void settled(long decodedToMs) {
    lock.lock();
    try {
      audio.forgetBefore(decodedToMs * leg.sampleRateHz() / 1000);
    } finally {
      lock.unlock();
    }
  }

  boolean isCurrent(int askedGeneration) {
    return generation == askedGeneration;
  }

  void close() {
    RecogniserStream old;
    lock.lock();
    try {
      old = stream;
      stream = null;
      generation++;
    } finally {
      lock.unlock();
    }
    if (old != null) {
      old.close();
    }
  }

  private final class Ear implements RecogniserListener {
    private final int of;

    private Ear(int of) {
      this.of = of;
    }

    @Override
    public void onHypothesis(Hypothesis hypothesis) {
      if (of == generation) {
        utteranceOpen = !hypothesis.isEmpty();
      }
      mailbox.post(new Note.Revised(index, of, hypothesis));
    }

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      if (of == generation) {
        utteranceOpen = false;
      }
      mailbox.post(new Note.Completed(index, of, hypothesis, decodedToMs));
    }

    @Override
    public void onWritable() {
      mailbox.post(new Note.Writable(index));
    }

    @Override
    public void onFailure(RecogniserException failure) {
      mailbox.post(new Note.Failed(index, of, failure));
    }
  }
}
