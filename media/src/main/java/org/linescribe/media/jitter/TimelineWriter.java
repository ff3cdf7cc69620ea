package org.linescribe.media.jitter;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.codec.AudioDecoder;

/**
 * Decodes packets and writes them and silence to the sink, one after another, and keeps the length
 * of the timeline true: where a packet in order comes after its time was written as silence,
 * positions move, and later silence is written shorter until the timeline is as long as the time
 * that passed.
 *
 * <p>Thread: the buffer's.
 */
final class TimelineWriter {
  /** Where nothing was caught up for so long, the time that was written as silence did pass. */
  private static final long CATCH_UP_NS = 10_000_000_000L;

  /** A source's first packet may be late by that much: 60 ms. */
  private static final long MOST_JITTER = 480;

  private final JitterSink sink;
  private final JitterCounters counters;
  private final TransitClock clock;
  private final SpeechLevel level = new SpeechLevel();
  private final Map<AudioCodec, AudioDecoder> decoders = new EnumMap<>(AudioCodec.class);
  private final short[] pcm = new short[AudioCodec.MAX_SAMPLES];

  /** Null where losses are silence. */
  private final @Nullable LossConcealment concealment;

  /** Of the audio before a loss. */
  private @Nullable AudioCodec heardCodec;

  private long head;

  /** Samples by which positions were moved, and the clock has not gone forward since; and when. */
  private long moved;

  private long movedNs;

  /** By how much the source may prove to be late since it was anchored. */
  private long anchorSlack;

  private long anchoredNs;

  /** Samples by which the timeline is longer than the time that passed. */
  private long surplus;

  TimelineWriter(
      JitterSink sink, JitterCounters counters, TransitClock clock, boolean concealLosses) {
    this.concealment = concealLosses ? new LossConcealment() : null;
    this.sink = sink;
    this.counters = counters;
    this.clock = clock;
  }

  /** Length of the timeline written so far; the position of the next sample. */
  long head() {
    return head;
  }

  /** Whether the audio written last is speech that did not end. */
  boolean endsInSpeech() {
    return level.endsInSpeech();
  }

  /** How far positions may be ahead of the clock, because a stall is being caught up. */
  long aheadOfClock() {
    return moved;
  }

  /**
   * Another source begins. Its first packet is late by its jitter, and all of the source with it; a
   * later packet shows by how much, and the next silence or the next source takes that back. Else
   * each change of source would make the timeline longer.
   */
  void beginSource(long arrivalNs) {
    long saved = Math.clamp(clock.positionAt(arrivalNs) - head, 0, surplus);
    surplus -= saved;
    clock.setBack(saved);
    anchorSlack = MOST_JITTER;
    anchoredNs = arrivalNs;
  }

  /**
   * Writes a packet and the silence before it.
   *
   * @param missing packets that were given up before it
   * @param omitted whether silence takes the place of its audio
   * @return by how many samples all positions behind it are now later, or earlier where negative
   */
  long write(Slot slot, long missing, boolean omitted) {
    long gap = slot.position - head;
    long shift = 0;
    if (gap > 0) {
      long lostSamples = Math.min(gap, missing * slot.samples());
      shift = -takeBack(gap - lostSamples);
      counters.lostSamples += lostSamples;
      if (lostSamples == gap) {
        writeLost(gap);
      } else {
        writeSilence(gap + shift, gap + shift - lostSamples);
      }
    } else if (gap < 0) {
      shift = -gap;
      counters.movedSamples += shift;
      moved += shift;
      movedNs = slot.arrivalNs;
    } else if (slot.arrivalNs - movedNs > CATCH_UP_NS) {
      moved = 0;
    }
    long advanced = clock.observe(slot.position + shift, slot.arrivalNs);
    long caughtUp = Math.min(moved, advanced);
    moved -= caughtUp;
    // Later it is the sender's clock that is faster than ours.
    anchorSlack = slot.arrivalNs - anchoredNs > CATCH_UP_NS ? 0 : anchorSlack;
    long late = Math.min(anchorSlack, advanced - caughtUp);
    anchorSlack -= late;
    surplus += late + caughtUp;
    writeAudio(slot, omitted);
    return shift;
  }

  /**
   * Writes silence up to a position.
   *
   * @return as {@link #write}
   */
  long fill(long until) {
    long gap = until - head;
    if (gap <= 0) {
      return 0;
    }
    long shift = -takeBack(gap);
    writeSilence(gap + shift, gap + shift);
    return shift;
  }

  /** Nothing heard so far is made up again. May be called by the sink. */
  void forgetHeard() {
    if (concealment != null) {
      concealment.silence();
    }
  }

  /** Shortens a silence that is about to be written. */
  private long takeBack(long silent) {
    long saved = Math.min(surplus, silent / 2);
    surplus -= saved;
    clock.setBack(saved);
    return saved;
  }

  private void writeLost(long samples) {
    LossConcealment made = concealment;
    AudioCodec codec = heardCodec;
    long concealed = 0;
    if (made != null && codec != null) {
      concealed = Math.min(samples, made.availableSamples());
      if (concealed > 0) {
        made.conceal(pcm, (int) concealed);
        counters.concealedSamples += concealed;
        head += concealed;
        sink.onConcealed(codec, pcm, (int) concealed);
      }
    }
    if (samples > concealed) {
      writeSilence(samples - concealed, 0);
    }
  }

  private void writeSilence(long samples, long silentSamples) {
    counters.silentSamples += silentSamples;
    head += samples;
    if (concealment != null) {
      concealment.silence();
    }
    sink.onSilence(samples);
  }

  private void writeAudio(Slot slot, boolean omitted) {
    AudioCodec codec = slot.kind.codec();
    if (codec != null && slot.samples() > 0) {
      counters.audioSamples += slot.samples();
      head += slot.samples();
      if (codec != heardCodec) {
        // The sender's encoder begins anew as well: a state of before would be heard as a crack.
        decoders.remove(codec);
      }
      int samples =
          decoders
              .computeIfAbsent(codec, AudioCodec::newDecoder)
              .decode(slot.payload, 0, slot.length, pcm);
      // A decoder goes on from packet to packet: it gets those that are omitted as well.
      heardCodec = codec;
      if (omitted) {
        forgetHeard();
        level.hear(pcm, samples);
        sink.onSilence(samples);
        return;
      }
      if (concealment != null) {
        concealment.resume(pcm, samples);
      }
      level.hear(pcm, samples);
      sink.onAudio(codec, pcm, samples);
    }
  }
}
