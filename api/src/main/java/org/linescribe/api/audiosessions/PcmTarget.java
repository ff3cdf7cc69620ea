package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes decoded audio in a session's shape. Thread: one at a time; may block. */
@FunctionalInterface
interface PcmTarget {
  /**
   * @param pcm whole frames, little endian; borrowed
   */
  void append(ByteBuffer pcm) throws IOException;
}
