package org.linescribe.media.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** WAVE files as some writers leave them, made from one with the canonical header of 44 bytes. */
final class IrregularWav {
  private IrregularWav() {}

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static byte[] withRiffSize(byte[] wav, int size) {
    byte[] changed = wav.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(4, size);
    return changed;
  }

  /** The canonical header is 44 bytes: the data chunk's head lies at 36. */
  static byte[] withTwoDataChunks(byte[] wav) {
    int half = (wav.length - 44) / 4 * 2;
    ByteBuffer two = littleEndian(wav.length + 8).put(wav, 0, 40).putInt(half).put(wav, 44, half);
    two.put(wav, 36, 4).putInt(wav.length - 44 - half);
    return two.put(wav, 44 + half, wav.length - 44 - half).array();
  }

  static byte[] withOddListChunk(byte[] wav, boolean padded) {
    byte[] list = "LIST\u0007\0\0\0INFOabc".getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer changed = littleEndian(wav.length + list.length + (padded ? 1 : 0));
    changed.put(wav, 0, 36).put(list);
    if (padded) {
      changed.put((byte) 0);
    }
    return changed.put(wav, 36, wav.length - 36).array();
  }
}
