package org.linescribe.api.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.g711.G711Law;

/**
 * Decodes a stream of bytes without headers, cut anywhere, to interleaved 16-bit PCM.
 *
 * <p>Thread: one at a time. Errors: {@link DecodeException} for a stream that is a container all
 * the same.
 */
final class RawAudio {
  private static final byte[] NOTHING = {};

  private final AudioFormat format;
  private final ContainerCheck check = new ContainerCheck();
  private byte[] cut = NOTHING;

  RawAudio(AudioFormat format) {
    this.format = format;
  }

  /** Whether the stream stopped within a frame so far. */
  boolean hasPartialFrame() {
    return cut.length > 0;
  }

  /** The whole frames that are there now; none while the bytes may still begin a container. */
  short[] decode(byte[] bytes) throws DecodeException {
    byte[] passed = check.add(bytes);
    if (check.isContainer()) {
      throw new DecodeException(
          DecodeException.Reason.UNREADABLE,
          "a container or another file where " + format.encoding() + " was announced");
    }
    return frames(passed);
  }

  /** What was held back; the stream pauses or ends here. */
  short[] drain() {
    return frames(check.end());
  }

  private short[] frames(byte[] bytes) {
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
