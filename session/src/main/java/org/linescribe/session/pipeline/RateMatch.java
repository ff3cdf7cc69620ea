package org.linescribe.session.pipeline;

import org.linescribe.media.resample.HalfBandDoubler;
import org.linescribe.media.resample.HalfBandHalver;

/** Brings a leg's audio to the rate of its recogniser, its state kept from chunk to chunk. */
final class RateMatch {
  private enum Ratio {
    SAME,
    DOUBLE,
    HALF
  }

  private final Ratio ratio;
  private final HalfBandDoubler doubler = new HalfBandDoubler();
  private final HalfBandHalver halver = new HalfBandHalver();
  private final float[] in;
  private final float[] out;

  RateMatch(int fromHz, int toHz, int chunkSamples) {
    if (fromHz == toHz) {
      ratio = Ratio.SAME;
    } else if (2 * fromHz == toHz) {
      ratio = Ratio.DOUBLE;
    } else if (fromHz == 2 * toHz) {
      ratio = Ratio.HALF;
    } else {
      throw new IllegalArgumentException(
          "recogniser's rate: " + toHz + " Hz (expected: 8000 or 16000)");
    }
    in = new float[chunkSamples];
    out = new float[2 * chunkSamples];
  }

  /** Converts a chunk into {@link #output}; returns the samples there. */
  int convert(short[] pcm) {
    float[] target = ratio == Ratio.SAME ? out : in;
    for (int i = 0; i < pcm.length; i++) {
      target[i] = pcm[i] / 32768f;
    }
    return switch (ratio) {
      case SAME -> pcm.length;
      case DOUBLE -> doubler.process(in, 0, pcm.length, out, 0);
      case HALF -> halver.process(in, 0, pcm.length, out, 0);
    };
  }

  /** Passes over silence; returns how many samples of the recogniser it is. */
  int skip(int samples) {
    doubler.reset();
    halver.reset();
    return switch (ratio) {
      case SAME -> samples;
      case DOUBLE -> 2 * samples;
      case HALF -> samples / 2;
    };
  }

  float[] output() {
    return out;
  }
}
