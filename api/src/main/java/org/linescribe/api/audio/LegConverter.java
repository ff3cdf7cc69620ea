package org.linescribe.api.audio;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.linescribe.media.resample.Resampler;

/**
 * Brings a client's interleaved 16-bit PCM to the legs of its session: a leg for each channel, or
 * the mean of all channels for a single leg. 8 and 16 kHz stay as they are, any other rate becomes
 * 16 kHz.
 *
 * <p>Thread: one at a time.
 */
public final class LegConverter {
  private final int channels;
  private final int legs;

  /** One for each leg; empty where the rate is the leg's. */
  private final List<Resampler> resamplers = new ArrayList<>();

  /**
   * @param legs 1, or as many as there are channels
   */
  public LegConverter(int sampleRateHz, int channels, int legs) {
    if (legs != 1 && legs != channels) {
      throw new IllegalArgumentException("legs: " + legs + " (expected: 1 or " + channels + ")");
    }
    this.channels = channels;
    this.legs = legs;
    int rateHz = legRateHz(sampleRateHz);
    for (int leg = 0; leg < legs && sampleRateHz != rateHz; leg++) {
      resamplers.add(new Resampler(sampleRateHz, rateHz));
    }
  }

  /** The rate at which PCM of a rate comes to the session's legs. */
  public static int legRateHz(int sampleRateHz) {
    return sampleRateHz == 8000 ? 8000 : 16_000;
  }

  /**
   * @param interleaved whole frames; borrowed
   * @return what is ready for each leg; the caller's own
   */
  public List<short[]> process(short[] interleaved, int offset, int samples) {
    List<short[]> ready = new ArrayList<>(legs);
    for (int leg = 0; leg < legs; leg++) {
      ready.add(resampled(leg, ofLeg(leg, interleaved, offset, samples)));
    }
    return ready;
  }

  /** The samples that the filters still hold: the audio pauses or ends here. */
  public List<short[]> drain() {
    List<short[]> rest = new ArrayList<>(legs);
    for (int leg = 0; leg < legs; leg++) {
      if (resamplers.isEmpty()) {
        rest.add(new short[0]);
      } else {
        Resampler resampler = resamplers.get(leg);
        short[] out = new short[resampler.maxOutput(0)];
        rest.add(Arrays.copyOf(out, resampler.drain(out, 0)));
      }
    }
    return rest;
  }

  private short[] ofLeg(int leg, short[] interleaved, int offset, int samples) {
    if (channels == 1) {
      return Arrays.copyOfRange(interleaved, offset, offset + samples);
    }
    short[] one = new short[samples / channels];
    for (int i = 0; i < one.length; i++) {
      int at = offset + channels * i;
      one[i] = legs > 1 ? interleaved[at + leg] : mean(interleaved, at);
    }
    return one;
  }

  private short mean(short[] interleaved, int at) {
    int sum = 0;
    for (int channel = 0; channel < channels; channel++) {
      sum += interleaved[at + channel];
    }
    return (short) (sum / channels);
  }

  private short[] resampled(int leg, short[] pcm) {
    if (resamplers.isEmpty()) {
      return pcm;
    }
    Resampler resampler = resamplers.get(leg);
    short[] out = new short[resampler.maxOutput(pcm.length)];
    return Arrays.copyOf(out, resampler.process(pcm, 0, pcm.length, out, 0));
  }
}
