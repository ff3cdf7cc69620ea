package org.linescribe.asr;

import org.linescribe.asr.Stretches.Stretch;

/**
 * A recogniser's cursor in a leg's audio. It may go back as far as it {@linkplain #hold holds}, so
 * that a model which must hear the last half second again needs no copy of its own.
 *
 * <p>Whoever opened it sets how far it may read ({@link #limit}); the recogniser sets how much may
 * wait for it ({@link #bound}). What waits is counted once: going back does not count it again.
 *
 * <p>Thread: the recogniser's, one at a time; {@link #limit}, {@link #space} and the getters any.
 */
public final class LegReader implements AutoCloseable {
  private static final int DEFAULT_BOUND_MS = 1000;

  private final LegAudio audio;
  private final Runnable onSpace;
  private final long countedFrom;
  private final boolean fork;
  private final long openedNs = System.nanoTime();
  private volatile Runnable onAudio = () -> {};
  private long position;
  private long front;
  private long held;
  private long limit = Long.MAX_VALUE;
  private long bound;
  private long refusedSamples;
  private boolean refused;
  private boolean closed;

  LegReader(LegAudio audio, long from, long countedFrom, boolean fork, Runnable onSpace) {
    this.audio = audio;
    this.onSpace = onSpace;
    this.position = from;
    this.front = from;
    this.held = from;
    this.countedFrom = countedFrom;
    this.fork = fork;
    this.bound = samples(DEFAULT_BOUND_MS);
  }

  public int sampleRateHz() {
    return audio.sampleRateHz();
  }

  /**
   * A reader of a stretch of the same audio: its limit is its own, from the beginning at {@code
   * from}, which this one holds, and its backlog does not count as this machine's.
   */
  public LegReader fork(long from, Runnable onForkSpace) {
    LegReader reader = new LegReader(audio, from, from, true, onForkSpace);
    reader.limit = from;
    return audio.add(reader);
  }

  // For whoever opened it.

  /** How far it may read; {@code Long.MAX_VALUE} for all that comes. */
  public void limit(long until) {
    synchronized (audio) {
      limit = until;
    }
    wake();
  }

  /**
   * How much of so many samples may be appended now; the reader tells of space when that is less.
   */
  public int space(int samples) {
    synchronized (audio) {
      int space = Math.clamp(bound - unread(), 0, samples);
      refused |= space < samples;
      refusedSamples += samples - space;
      return space;
    }
  }

  /** As much waits as may; if so, the reader tells of space. */
  public boolean isFull() {
    synchronized (audio) {
      boolean full = unread() >= bound;
      refused |= full;
      return full;
    }
  }

  /** At least half of the bound is free; if not, the reader tells when it is. */
  public boolean hasSpace() {
    synchronized (audio) {
      boolean space = unread() <= bound / 2;
      refused |= !space;
      return space;
    }
  }

  /** Samples of audio, not of silence, that were never read. */
  private long unread() {
    return audio.audioBetween(Math.max(front, countedFrom), fork ? end() : audio.end());
  }

  /** Before it lies nothing that this reader could read again. */
  public long held() {
    synchronized (audio) {
      return held;
    }
  }

  // For the recogniser.

  /** Called after audio came or the limit moved, by any thread; must not block. */
  public void onAudio(Runnable wake) {
    onAudio = wake;
  }

  /** How much unread audio may wait before more is refused. */
  public void bound(long samples) {
    synchronized (audio) {
      bound = samples;
    }
  }

  /** Position of the next sample. */
  public long position() {
    synchronized (audio) {
      return position;
    }
  }

  /** Position behind the last sample that may be read now. */
  public long end() {
    synchronized (audio) {
      return Math.max(position, Math.min(limit, audio.end()));
    }
  }

  /** Samples that may be read now, silence included. */
  public long available() {
    synchronized (audio) {
      return end() - position;
    }
  }

  /** Length of the silence at the cursor, as far as may be read now. */
  public long silence() {
    synchronized (audio) {
      Stretch stretch = audio.at(position);
      return stretch == null || !stretch.isSilent() ? 0 : Math.min(stretch.end(), end()) - position;
    }
  }

  /** Length of the audio at the cursor up to the next silence, at most so many samples. */
  public int audio(int atMost) {
    synchronized (audio) {
      int length = 0;
      long end = Math.min(end(), position + atMost);
      for (long at = position; at < end; ) {
        Stretch stretch = audio.at(at);
        if (stretch == null || stretch.isSilent()) {
          break;
        }
        at = Math.min(end, stretch.end());
        length = (int) (at - position);
      }
      return length;
    }
  }

  /** Moves on by up to {@code samples}, silence as zeros; returns how many. */
  public int read(short[] into, int samples) {
    int count;
    boolean tell;
    synchronized (audio) {
      count = (int) Math.min(samples, available());
      audio.copy(position, into, 0, count);
      tell = move(position + count);
    }
    if (tell) {
      onSpace.run();
    }
    return count;
  }

  /** Copies what lies behind the cursor or before it and is held; the cursor stays. */
  public void peek(long from, short[] into, int samples) {
    synchronized (audio) {
      audio.copy(from, into, 0, samples);
    }
  }

  /** Moves on without reading. */
  public void skip(long samples) {
    seek(position() + samples);
  }

  /** Moves to a position between what is held and the end. */
  public void seek(long to) {
    boolean tell;
    synchronized (audio) {
      tell = move(Math.min(to, end()));
    }
    if (tell) {
      onSpace.run();
    }
  }

  private boolean move(long to) {
    front = Math.max(front, to);
    position = to;
    boolean tell = refused && !closed && unread() <= bound / 2;
    refused &= !tell;
    return tell;
  }

  /** Keeps the audio from a position on, at the latest the cursor's; it may be read again. */
  public void hold(long from) {
    synchronized (audio) {
      held = Math.clamp(from, held, Math.max(held, position));
      audio.trim();
    }
  }

  /**
   * Audio that waits, in ms: the smaller of its length and its age. The length alone would take a
   * file that is read faster than real time for a machine that is behind.
   */
  public long backlogMs(long nowNs) {
    synchronized (audio) {
      Stretch stretch = audio.at(position);
      if (fork || available() == 0 || stretch == null) {
        return 0;
      }
      long sinceNs = Math.max(openedNs, stretch.appendedNs);
      long lengthMs = unread() * 1000 / audio.sampleRateHz();
      return Math.min(lengthMs, Math.max(0, nowNs - sinceNs) / 1_000_000);
    }
  }

  /** Samples that were refused since this was asked last. */
  public long takeRefusedSamples() {
    synchronized (audio) {
      long since = refusedSamples;
      refusedSamples = 0;
      return since;
    }
  }

  /** Position as time on the leg. */
  public long ms(long at) {
    return at * 1000 / audio.sampleRateHz();
  }

  /** A time in samples of the leg. */
  public long samples(long ms) {
    return ms * audio.sampleRateHz() / 1000;
  }

  long heldPosition() {
    return held;
  }

  void wake() {
    onAudio.run();
  }

  /** Lets go of the audio that it holds. Idempotent. */
  @Override
  public void close() {
    synchronized (audio) {
      closed = true;
      onAudio = () -> {};
    }
    audio.close(this);
  }
}
