package org.linescribe.api.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.linescribe.media.g711.G711Law;

/**
 * Decodes a stream of bytes without headers, cut anywhere, to interleaved 16-bit PCM.
 *
 * <p>Thread: one at a time.
 */
final class RawAudio {
  private static final byte[] NOTHING = {};

  private final AudioFormat format;
  private byte[] cut = NOTHING;

  RawAudio(AudioFormat format) {
    this.format = format;
  }

  /** Whether the stream stopped within a frame so far. */
  boolean hasPartialFrame() {
    return cut.length > 0;
  }

  /** The whole frames that are there now. */
  short[] decode(byte[] bytes) {
    byte[] all = bytes;
    if (cut.length > 0) {
      all = Arrays.copyOf(cut, cut.length + bytes.length);
      System.arraycopy(bytes, 0, all, cut.length, bytes.length);
    }
    int whole = all.length / format.frameBytes() * format.frameBytes();
    cut = whole == all.length ? NOTHING : Arrays.copyOfRange(all, whole, all.length);
    short[] pcm = new short[whole / format.encoding().bytes()];
    ByteBuffer samples = ByteBuffer.wrap(all, 0, whole).order(ByteOrder.LITTLE_ENDIAN);
    switch (format.encoding()) {
      case PCMU -> G711Law.PCMU.decode(all, 0, whole, pcm, 0);
      case PCMA -> G711Law.PCMA.decode(all, 0, whole, pcm, 0);
      case PCM16, CONTAINER -> samples.asShortBuffer().get(pcm);
      case FLOAT32 -> {
        for (int i = 0; i < pcm.length; i++) {
          pcm[i] = toPcm16(samples.getFloat());
        }
      }
    }
    return pcm;
  }

  /** What is no number is silence. */
  private static short toPcm16(float sample) {
    return (short) Math.clamp(Math.round(sample * 32_768f), Short.MIN_VALUE, Short.MAX_VALUE);
  }
}
