package org.linescribe.media.format;

import java.util.OptionalLong;

/**
 * Told how far a file is decoded.
 *
 * <p>Thread: the decoder's own, after each piece that the sink took, and once more at a good end,
 * when all that the child said of the file is known; must not block.
 */
@FunctionalInterface
public interface DecodeProgress {
  /**
   * @param decodedMs audio that the sink has had
   * @param totalMs what the file claims to hold, where it does
   */
  void onProgress(long decodedMs, OptionalLong totalMs);

  /** Tells nobody. */
  static DecodeProgress none() {
    return (decodedMs, totalMs) -> {};
  }
}
