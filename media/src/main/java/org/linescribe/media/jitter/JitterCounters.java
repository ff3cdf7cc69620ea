package org.linescribe.media.jitter;

/**
 * What happened to a call's packets since its buffer was made. Counts only rise.
 *
 * <p>Thread: the buffer's; read it there, or accept values that are a moment old.
 */
public final class JitterCounters {
  long received;
  long duplicate;
  long late;
  long reordered;
  long lost;
  long forced;
  long stray;
  long oversized;
  long unknownPayload;
  long comfortNoise;
  long telephoneEvents;
  long ssrcChanges;
  long sequenceRestarts;
  long timestampJumps;
  long lostSamples;
  long concealedSamples;
  long silentSamples;
  long trimmedSamples;
  long movedSamples;
  long audioSamples;

  JitterCounters() {}

  /** Packets offered. */
  public long received() {
    return received;
  }

  /** Packets that came before already. */
  public long duplicate() {
    return duplicate;
  }

  /** Packets that came after a later one had been released: dropped, silence stands for them. */
  public long late() {
    return late;
  }

  /** Packets that came after a later one, and in time. */
  public long reordered() {
    return reordered;
  }

  /** Packets given up: the reorder wait passed without them. */
  public long lost() {
    return lost;
  }

  /** Times that a missing packet was given up early because the buffer was full. */
  public long forced() {
    return forced;
  }

  /** Of the lost samples, those that were made up from the audio before. */
  public long concealedSamples() {
    return concealedSamples;
  }

  /** Packets of another source, or far from the sequence, that nothing followed: dropped. */
  public long stray() {
    return stray;
  }

  /** Packets with more payload than the buffer takes: dropped. */
  public long oversized() {
    return oversized;
  }

  /** Packets of a payload type that was not negotiated. */
  public long unknownPayload() {
    return unknownPayload;
  }

  public long comfortNoise() {
    return comfortNoise;
  }

  /** Events reported, each once. */
  public long telephoneEvents() {
    return telephoneEvents;
  }

  public long ssrcChanges() {
    return ssrcChanges;
  }

  public long sequenceRestarts() {
    return sequenceRestarts;
  }

  /** Times that the timeline was anchored anew because timestamps left it. */
  public long timestampJumps() {
    return timestampJumps;
  }

  /** What stands for lost packets: silence, and what was made up. */
  public long lostSamples() {
    return lostSamples;
  }

  /** Silence that stands for time in which the source sent nothing. */
  public long silentSamples() {
    return silentSamples;
  }

  /** Audio of the packets that were dropped as late. */
  public long trimmedSamples() {
    return trimmedSamples;
  }

  /** Silence written for time whose audio came after all: the timeline is longer by it. */
  public long movedSamples() {
    return movedSamples;
  }

  public long audioSamples() {
    return audioSamples;
  }
}
