package org.linescribe.bench.load;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Function;
import org.linescribe.media.codec.Pcm16;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.resample.Resampler;

/**
 * How a protocol writes what is said. All of them start from the samples that a μ-law line leaves
 * of a recording, so that differences are those of the way.
 */
enum Coding {
  MU_LAW(8000, 1, pcm -> g711(G711Law.PCMU, pcm)),
  A_LAW(8000, 1, pcm -> g711(G711Law.PCMA, pcm)),
  PCM_8K(8000, 2, Pcm16::bytes),
  /** Two channels, of which the second is silent. */
  STEREO_8K(8000, 4, Coding::stereo),
  PCM_16K(16_000, 2, pcm -> Pcm16.bytes(resampled(pcm, 16_000))),
  FLOAT_16K(16_000, 4, pcm -> floats(resampled(pcm, 16_000))),
  PCM_24K(24_000, 2, pcm -> Pcm16.bytes(resampled(pcm, 24_000))),
  PCM_48K(48_000, 2, pcm -> Pcm16.bytes(resampled(pcm, 48_000)));

  private static final int FRAMES_PER_SECOND = 50;

  private final int rateHz;
  private final int bytes;
  private final Function<short[], byte[]> encode;

  /**
   * @param bytes for each sampling instant
   */
  Coding(int rateHz, int bytes, Function<short[], byte[]> encode) {
    this.rateHz = rateHz;
    this.bytes = bytes;
    this.encode = encode;
  }

  byte[] of(Speech speech) {
    byte[] line = speech.muLaw();
    short[] pcm = new short[line.length];
    G711Law.PCMU.decode(line, 0, line.length, pcm, 0);
    return encode.apply(pcm);
  }

  int rateHz() {
    return rateHz;
  }

  /** Of 20 ms. */
  int frameBytes() {
    return rateHz / FRAMES_PER_SECOND * bytes;
  }

  private static byte[] g711(G711Law law, short[] pcm) {
    byte[] codes = new byte[pcm.length];
    law.encode(pcm, 0, pcm.length, codes, 0);
    return codes;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] stereo(short[] pcm) {
    ByteBuffer out = buffer(4 * pcm.length);
    for (short sample : pcm) {
      out.putShort(sample).putShort((short) 0);
    }
    return out.array();
  }

  private static byte[] floats(short[] pcm) {
    ByteBuffer out = buffer(4 * pcm.length);
    for (short sample : pcm) {
      out.putFloat(sample / 32_768f);
    }
    return out.array();
  }

  /** As a telephone network's own conversion does it, and from there with a steep filter. */
  private static short[] resampled(short[] pcm, int rateHz) {
    short[] wide = through(Resampler.telephony(8000, 16_000), pcm);
    return rateHz == 16_000 ? wide : through(new Resampler(16_000, rateHz), wide);
  }

  private static short[] through(Resampler resampler, short[] pcm) {
    short[] out = new short[resampler.maxOutput(pcm.length) + resampler.maxOutput(0)];
    int written = resampler.process(pcm, 0, pcm.length, out, 0);
    return Arrays.copyOf(out, written + resampler.drain(out, written));
  }
}
