package org.linescribe.asr.utterance;

import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;

/**
 * One decoding of a stretch of a leg's audio, asked for by its stream.
 *
 * <p>Thread: {@link DecodeQueue} sets the result, under its lock or before the stream is woken; the
 * stream reads it.
 */
final class Decoding {
  /** Told when it is done or has failed, by a decode thread. */
  interface Owner {
    void decoded();

    /** Nothing of it is wanted any more. */
    boolean isGone();
  }

  final Owner owner;
  final long from;
  final long to;
  final long startMs;
  final double seconds;
  private float @Nullable [] pcm;

  /** Under the queue's lock. */
  boolean isFinal;

  /** All that was said before a pause: the final, if nothing follows. */
  boolean isAtPause;

  /** What is to be split off, where something is: then that is the result. */
  @Nullable SplitRequest toSplit;

  /** Asked in a pause: not what was said, but whether the speaker has finished. */
  boolean asksTurn;

  /** What is spoken, a tag; empty where nobody said. */
  String language = "";

  boolean isCountedAsPartial;
  long submittedNs;

  /** What it cost as a partial, zero before it is done. */
  long tookNs;

  /** Of the time since it began, what went to finals that it let pass; its decode thread's. */
  long passedNs;

  private LongSpeech.@Nullable Split split;
  private boolean finished;
  private volatile @Nullable Hypothesis result;
  private volatile @Nullable Throwable failure;

  /**
   * @param from position of the stretch on the leg
   * @param pcm the stretch at the model's rate, perhaps with silence behind it
   */
  Decoding(Owner owner, long from, long to, long startMs, float[] pcm, int sampleRateHz) {
    this.owner = owner;
    this.from = from;
    this.to = to;
    this.startMs = startMs;
    this.pcm = pcm;
    this.seconds = pcm.length / (double) sampleRateHz;
  }

  /** The audio; once. */
  float[] takePcm() {
    float[] taken = pcm;
    pcm = null;
    return taken == null ? new float[0] : taken;
  }

  void complete(Hypothesis hypothesis) {
    result = hypothesis;
  }

  void complete(LongSpeech.Split found) {
    split = found;
    result = found.head();
  }

  /** There is no good place. */
  void completeUnsplit() {
    result = Hypothesis.empty(startMs);
  }

  void complete(Hypothesis hypothesis, boolean isFinished) {
    finished = isFinished;
    result = hypothesis;
  }

  /** The speaker has finished, as far as can be heard; it is done. */
  boolean isFinished() {
    return finished;
  }

  /** Where it was split, if it was; it is done. */
  LongSpeech.@Nullable Split split() {
    return split;
  }

  void fail(Throwable thrown) {
    failure = thrown;
  }

  boolean isDone() {
    return result != null || failure != null;
  }

  @Nullable Hypothesis result() {
    return result;
  }

  @Nullable Throwable failure() {
    return failure;
  }
}
