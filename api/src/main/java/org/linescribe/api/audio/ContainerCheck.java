package org.linescribe.api.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.media.format.ContainerSignature;

/**
 * Stops a stream that begins as a container: taken for raw audio it would become invented words. A
 * WAV file of G.711 at 8 kHz passes, because what follows its header is such audio.
 *
 * <p>Thread: one at a time.
 */
public final class ContainerCheck {
  /** Up to the sampling rate in a WAV header. */
  private static final int HEAD_BYTES = 28;

  private static final int FORMAT_TAG_AT = 20;
  private static final int CHANNELS_AT = 22;
  private static final int RATE_AT = 24;
  private static final int TAG_PCMA = 6;
  private static final int TAG_PCMU = 7;
  private static final byte[] NOTHING = {};

  private byte[] head = NOTHING;
  private boolean passed;
  private boolean container;

  /** Whether the stream is a container, none of which is decoded. */
  public boolean isContainer() {
    return container;
  }

  /**
   * @return what may be decoded now: the bytes, with those held before them
   */
  public byte[] add(byte[] bytes) {
    if (passed) {
      return bytes;
    }
    if (container) {
      return NOTHING;
    }
    byte[] longer = Arrays.copyOf(head, head.length + bytes.length);
    System.arraycopy(bytes, 0, longer, head.length, bytes.length);
    head = longer;
    Optional<ContainerFormat> format = ContainerSignature.find(head, head.length);
    boolean mayGrow = format.isPresent() || ContainerSignature.isUndecided(head, head.length);
    if (mayGrow && head.length < HEAD_BYTES) {
      return NOTHING;
    }
    container =
        ContainerSignature.isForeign(head, head.length)
            || format.isPresent() && !(format.get() == ContainerFormat.WAV && isG711(head));
    return container ? NOTHING : end();
  }

  /** What is still held: the audio pauses or ends here. */
  public byte[] end() {
    if (container) {
      return NOTHING;
    }
    byte[] held = head;
    passed |= held.length > 0;
    head = NOTHING;
    return held;
  }

  private static boolean isG711(byte[] wav) {
    ByteBuffer header = ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN);
    short tag = header.getShort(FORMAT_TAG_AT);
    return (tag == TAG_PCMA || tag == TAG_PCMU)
        && header.getShort(CHANNELS_AT) == 1
        && header.getInt(RATE_AT) == 8000;
  }
}
