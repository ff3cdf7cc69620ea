package org.linescribe.asr;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

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

  /** A stretch of the timeline; silence has no samples. */
  static final class Stretch {
    final short @Nullable [] pcm;
    final long appendedNs;
    long length;

    Stretch(short @Nullable [] pcm, long length, long appendedNs) {
      this.pcm = pcm;
      this.length = length;
      this.appendedNs = appendedNs;
    }

    boolean isSilent() {
      return pcm == null;
    }
  }

  private final int sampleRateHz;
  private final NavigableMap<Long, Stretch> stretches = new TreeMap<>();
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
    Map.Entry<Long, Stretch> entry = at(position);
    return entry == null ? OptionalLong.empty() : OptionalLong.of(entry.getValue().appendedNs);
  }

  /**
   * @param pcm borrowed, copied before the return
   */
  public void append(short[] pcm, int offset, int samples, long nowNs) {
    Objects.checkFromIndexSize(offset, samples, pcm.length);
    synchronized (this) {
      for (int done = 0; done < samples; ) {
        int count = Math.min(samples - done, space(nowNs));
        Map.Entry<Long, Stretch> last = stretches.lastEntry();
        Stretch stretch = last.getValue();
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
    Map.Entry<Long, Stretch> last = stretches.lastEntry();
    if (last == null || last.getValue().isSilent() || last.getValue().length == capacity) {
      stretches.put(end, new Stretch(new short[capacity], 0, nowNs));
      return capacity;
    }
    return capacity - (int) last.getValue().length;
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
      Map.Entry<Long, Stretch> last = stretches.lastEntry();
      if (last != null && last.getValue().isSilent()) {
        last.getValue().length += samples;
      } else {
        stretches.put(end, new Stretch(null, samples, nowNs));
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
        && stretches.firstKey() + stretches.firstEntry().getValue().length <= needed
        && stretches.firstKey() + stretches.firstEntry().getValue().length < end) {
      stretches.pollFirstEntry();
    }
  }

  /** Copies samples, zeros for silence and for what is forgotten. Under the lock. */
  void copy(long from, short[] into, int offset, int samples) {
    Arrays.fill(into, offset, offset + samples, (short) 0);
    for (long at = from; at < from + samples; ) {
      Map.Entry<Long, Stretch> entry = stretches.floorEntry(at);
      if (entry == null || at >= entry.getKey() + entry.getValue().length) {
        Long next = stretches.higherKey(at);
        if (next == null) {
          return;
        }
        at = next;
        continue;
      }
      Stretch stretch = entry.getValue();
      long until = Math.min(from + samples, entry.getKey() + stretch.length);
      if (stretch.pcm != null) {
        int target = offset + (int) (at - from);
        System.arraycopy(
            stretch.pcm, (int) (at - entry.getKey()), into, target, (int) (until - at));
      }
      at = until;
    }
  }

  /** The stretch that holds a position, null behind the end. Under the lock. */
  Map.@Nullable Entry<Long, Stretch> at(long position) {
    Map.Entry<Long, Stretch> entry = stretches.floorEntry(position);
    return entry == null || position >= entry.getKey() + entry.getValue().length ? null : entry;
  }

  /** Samples between two positions that are not silence. Under the lock. */
  long audioBetween(long from, long until) {
    long audio = 0;
    Long first = stretches.floorKey(from);
    for (Map.Entry<Long, Stretch> entry :
        stretches.subMap(first == null ? from : first, until).entrySet()) {
      if (!entry.getValue().isSilent()) {
        long begin = Math.max(from, entry.getKey());
        long stop = Math.min(until, entry.getKey() + entry.getValue().length);
        audio += Math.max(0, stop - begin);
      }
    }
    return audio;
  }

  /** Samples that take memory, for tests. */
  synchronized int keptSamples() {
    List<Stretch> all = new ArrayList<>(stretches.values());
    return all.stream().filter(stretch -> !stretch.isSilent()).mapToInt(c -> (int) c.length).sum();
  }
}
