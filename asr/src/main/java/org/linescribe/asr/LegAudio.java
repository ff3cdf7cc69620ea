package org.linescribe.asr;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Stretches.Stretch;

/**
 * The one buffer of a leg's audio: 16-bit PCM, mono, at the leg's rate, kept until no recogniser
 * can need it any more. Runs of silence cost no memory.
 *
 * <p>A recogniser reads through a {@link LegReader}; a second one that replaces it, or that works
 * on another stretch, reads the same samples through its own. Audio stays while it lies behind
 * {@link #forgetBefore} or while a reader holds it.
 *
 * <p>Positions are samples since the leg began. Thread: any; one lock, held for copies and
 * arithmetic only. Readers are woken outside it.
 */
public final class LegAudio {
  private static final int STRETCHES_PER_SECOND = 10;

  private final int sampleRateHz;
  private final Stretches stretches = new Stretches();
  private final List<LegReader> readers = new CopyOnWriteArrayList<>();
  private long start;
  private long end;

  public LegAudio(int sampleRateHz) {
    this.sampleRateHz = sampleRateHz;
  }

  public int sampleRateHz() {
    return sampleRateHz;
  }

  /** Position of the first sample that a new reader may have. */
  public synchronized long start() {
    return start;
  }

  /** Position behind the last sample. */
  public synchronized long end() {
    return end;
  }

  /**
   * When a sample came, to a tenth of a second, as the writer's clock told; empty where it is
   * forgotten or has not come.
   */
  public synchronized OptionalLong appendedNs(long position) {
    Stretch stretch = at(position);
    return stretch == null ? OptionalLong.empty() : OptionalLong.of(stretch.appendedNs);
  }

  /**
   * @param pcm borrowed, copied before the return
   */
  public void append(short[] pcm, int offset, int samples, long nowNs) {
    Objects.checkFromIndexSize(offset, samples, pcm.length);
    synchronized (this) {
      for (int done = 0; done < samples; ) {
        int count = Math.min(samples - done, space(nowNs));
        Stretch stretch = stretches.last();
        System.arraycopy(
            pcm, offset + done, Objects.requireNonNull(stretch.pcm), (int) stretch.length, count);
        stretch.length += count;
        end += count;
        done += count;
      }
    }
    readers.forEach(LegReader::wake);
  }

  /** Space in the last stretch, which is made where there is none. */
  private int space(long nowNs) {
    int capacity = sampleRateHz / STRETCHES_PER_SECOND;
    Stretch last = stretches.isEmpty() ? null : stretches.last();
    if (last == null || last.isSilent() || last.length == capacity) {
      stretches.add(new Stretch(end, new short[capacity], 0, nowNs));
      return capacity;
    }
    return capacity - (int) last.length;
  }

  /** Advances the timeline past audio that was lost or not sent, as if it had been silence. */
  public void appendSilence(long samples, long nowNs) {
    if (samples < 0) {
      throw new IllegalArgumentException("samples: " + samples + " (expected: >= 0)");
    }
    if (samples == 0) {
      return;
    }
    synchronized (this) {
      if (!stretches.isEmpty() && stretches.last().isSilent()) {
        stretches.last().length += samples;
      } else {
        stretches.add(new Stretch(end, null, samples, nowNs));
      }
      end += samples;
    }
    readers.forEach(LegReader::wake);
  }

  /**
   * No later reader needs what lies before the position; a reader that is open keeps what it holds.
   */
  public synchronized void forgetBefore(long position) {
    start = Math.clamp(position, start, end);
    trim();
  }

  /**
   * Opens a reader; its owner closes it.
   *
   * @param from at least {@link #start}
   * @param onSpace told, by the thread that read, when audio was refused and there is space again
   */
  public synchronized LegReader reader(long from, Runnable onSpace) {
    // What a replaced recogniser is told again does not stand in the way of what comes.
    return add(new LegReader(this, from, end, false, onSpace));
  }

  synchronized LegReader add(LegReader reader) {
    readers.add(reader);
    return reader;
  }

  synchronized void close(LegReader reader) {
    readers.remove(reader);
    trim();
  }

  /** Under the lock. */
  void trim() {
    long needed = start;
    for (LegReader reader : readers) {
      needed = Math.min(needed, reader.heldPosition());
    }
    while (!stretches.isEmpty()
        && stretches.first().end() <= needed
        && stretches.first().end() < end) {
      stretches.removeFirst();
    }
  }

  /** Copies samples, zeros for silence and for what is forgotten. Under the lock. */
  void copy(long from, short[] into, int offset, int samples) {
    Arrays.fill(into, offset, offset + samples, (short) 0);
    long end = from + samples;
    for (int i = Math.max(0, stretches.floor(from)); i < stretches.size(); i++) {
      Stretch stretch = stretches.get(i);
      long at = Math.max(from, stretch.from);
      long until = Math.min(end, stretch.end());
      if (stretch.from >= end) {
        return;
      }
      if (stretch.pcm != null && at < until) {
        System.arraycopy(
            stretch.pcm,
            (int) (at - stretch.from),
            into,
            offset + (int) (at - from),
            (int) (until - at));
      }
    }
  }

  /** The stretch that holds a position, null behind the end. Under the lock. */
  @Nullable Stretch at(long position) {
    int index = stretches.floor(position);
    return index < 0 || position >= stretches.get(index).end() ? null : stretches.get(index);
  }

  /** Samples between two positions that are not silence. Under the lock. */
  long audioBetween(long from, long until) {
    long audio = 0;
    // Most often all that is asked for lies at the end.
    for (int i = stretches.size() - 1; i >= 0; i--) {
      Stretch stretch = stretches.get(i);
      if (!stretch.isSilent()) {
        audio += Math.max(0, Math.min(until, stretch.end()) - Math.max(from, stretch.from));
      }
      if (stretch.from <= from) {
        break;
      }
    }
    return audio;
  }

  /** Samples that take memory, for tests. */
  synchronized int keptSamples() {
    int kept = 0;
    for (int i = 0; i < stretches.size(); i++) {
      kept += stretches.get(i).isSilent() ? 0 : (int) stretches.get(i).length;
    }
    return kept;
  }
}
