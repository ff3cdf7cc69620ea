package org.linescribe.api.transcribe;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.g711.LawDetector;

/**
 * The codec of one source's audio, given or detected. While it is not known the audio is held, so
 * that none of it is decoded wrongly or lost.
 *
 * <p>Thread: the peer's event loop.
 */
final class CodecChoice {
  private static final byte[] NONE = {};

  private final LawDetector detector = new LawDetector();
  private final boolean detected;
  private @Nullable G711Law law;
  private int heldBytes;

  CodecChoice(Codec codec) {
    this.law = codec.law().orElse(null);
    this.detected = law == null;
  }

  Optional<G711Law> law() {
    return Optional.ofNullable(law);
  }

  /** Whether the client left the codec to be detected. */
  boolean isDetected() {
    return detected;
  }

  /** Audio that waits for the decision, at most {@link LawDetector#MAX_SAMPLES}. */
  int heldBytes() {
    return heldBytes;
  }

  /**
   * @return what can be decoded now, everything that was held before it included; empty while the
   *     law is not known
   */
  byte[] add(byte[] g711) {
    if (law != null) {
      return g711;
    }
    law = detector.offer(g711, 0, g711.length).orElse(null);
    if (law == null) {
      heldBytes += g711.length;
      return NONE;
    }
    byte[] earlier = takeHeld();
    byte[] all = Arrays.copyOf(earlier, earlier.length + g711.length);
    System.arraycopy(g711, 0, all, earlier.length, g711.length);
    return all;
  }

  /** Decides by what was held, which can be decoded now. */
  byte[] decide() {
    law = detector.decideNow();
    return takeHeld();
  }

  private byte[] takeHeld() {
    heldBytes = 0;
    return detector.takeBuffered();
  }
}
