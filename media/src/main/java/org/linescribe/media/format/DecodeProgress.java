package org.linescribe.media.format;

import java.util.OptionalLong;

/**
 * Receives how far a file is decoded.
 *
 * <p>Thread: the decoder's own, after each piece that the sink took, and once more at a good end,
 * when all that the child reported of the file is known; must not block.
 */
@FunctionalInterface
public interface DecodeProgress {
  /**
   * @param decodedMs audio that was written to the sink
   * @param totalMs what the file claims to hold, where it does
   */
  void onProgress(long decodedMs, OptionalLong totalMs);

  /** Ignores the progress. */
  static DecodeProgress none() {
    return (decodedMs, totalMs) -> {};
  }
}
