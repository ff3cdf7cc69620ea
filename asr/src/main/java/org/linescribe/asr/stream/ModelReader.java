package org.linescribe.asr.stream;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.LegReader;
import org.linescribe.media.resample.Resampler;

/**
 * A leg's audio as a model takes it: floats in [-1, 1] at the model's rate. The conversion happens
 * here, once, at the edge to native code; its state is primed after a step back, so that the same
 * position always gives the same samples.
 *
 * <p>Positions are samples of the model's rate since the leg began. Thread: the stream's worker.
 */
public final class ModelReader {
  /** Samples of the leg that the filters look back. */
  public static final int PRIMING_SAMPLES = 160;

  private enum Ratio {
    SAME(1, 1),
    DOUBLE(2, 1),
    HALF(1, 2);

    private final int up;
    private final int down;

    Ratio(int up, int down) {
      this.up = up;
      this.down = down;
    }
  }

  private final LegReader audio;
  private final Ratio ratio;
  private final @Nullable Resampler resampler;
  private short[] pcm = new short[PRIMING_SAMPLES];

  public ModelReader(LegReader audio, int modelRateHz) {
    this.audio = audio;
    this.ratio = ratio(audio.sampleRateHz(), modelRateHz);
    this.resampler =
        ratio == Ratio.SAME ? null : Resampler.telephony(audio.sampleRateHz(), modelRateHz);
    prime();
  }

  private static Ratio ratio(int legHz, int modelHz) {
    if (legHz == modelHz) {
      return Ratio.SAME;
    }
    if (2 * legHz == modelHz) {
      return Ratio.DOUBLE;
    }
    if (legHz == 2 * modelHz) {
      return Ratio.HALF;
    }
    throw new IllegalArgumentException(
        "modelRateHz: " + modelHz + " (expected: 8000 or 16000, with legs of 8000 or 16000)");
  }

  /** A position of the leg in samples of the model. */
  public long ofLeg(long position) {
    return position * ratio.up / ratio.down;
  }

  public long position() {
    return ofLeg(audio.position());
  }

  public long available() {
    return audio.available() * ratio.up / ratio.down;
  }

  /** Length of the silence at the cursor. */
  public long silence() {
    return audio.silence() * ratio.up / ratio.down;
  }

  /**
   * @param into has space for one more than {@code samples}: the leg's samples come whole
   * @return how many were read
   */
  public int read(float[] into, int samples) {
    int wanted = (samples + ratio.up - 1) / ratio.up * ratio.down;
    int count = (int) Math.min(wanted, audio.available());
    count -= count % ratio.down;
    if (count == 0) {
      return 0;
    }
    if (pcm.length < count) {
      pcm = new short[count];
    }
    audio.read(pcm, count);
    return convert(count, into);
  }

  private int convert(int count, float[] into) {
    if (resampler != null) {
      return resampler.process(pcm, 0, count, into, 0);
    }
    for (int i = 0; i < count; i++) {
      into[i] = pcm[i] / 32768f;
    }
    return count;
  }

  /**
   * A stretch of the leg, the cursor staying: for a model that hears it as a whole.
   *
   * @param from position on the leg, held
   * @param samples of the leg
   * @param padding samples of the leg, silence behind them
   */
  public float[] window(long from, int samples, int padding) {
    int priming = (int) Math.min(PRIMING_SAMPLES, from);
    priming -= priming % ratio.down;
    int count = priming + samples + padding;
    count -= count % ratio.down;
    if (pcm.length < count) {
      pcm = new short[count];
    }
    Arrays.fill(pcm, 0, count, (short) 0);
    audio.peek(from - priming, pcm, priming + samples);
    if (resampler != null) {
      resampler.reset();
    }
    float[] out = new float[count * ratio.up];
    int converted = convert(count, out);
    return Arrays.copyOfRange(out, (int) ofLeg(priming), converted);
  }

  /** Moves to a position that is held. */
  public void seek(long position) {
    audio.seek(position * ratio.down / ratio.up);
    prime();
  }

  /** Moves on without reading. */
  public void skip(long samples) {
    seek(position() + samples);
  }

  /** Keeps the audio from a position on. */
  public void hold(long position) {
    audio.hold(Math.max(0, position * ratio.down / ratio.up - PRIMING_SAMPLES));
  }

  private void prime() {
    if (resampler == null) {
      return;
    }
    resampler.reset();
    int count = (int) Math.min(PRIMING_SAMPLES, audio.position());
    count -= count % ratio.down;
    if (count > 0) {
      audio.peek(audio.position() - count, pcm, count);
      convert(count, new float[count * ratio.up]);
    }
  }
}
