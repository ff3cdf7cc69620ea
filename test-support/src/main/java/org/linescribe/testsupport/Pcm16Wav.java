package org.linescribe.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads a WAV file of 16-bit PCM by another way than the reader under test. */
public final class Pcm16Wav {
  private static final int RIFF_HEADER_BYTES = 12;
  private static final int CHUNK_HEADER_BYTES = 8;
  private static final int DATA_CHUNK = 0x61746164; // "data", little-endian

  private Pcm16Wav() {}

  /** The data chunk as it stands: little-endian, channels interleaved. */
  public static byte[] bytes(Path wav) {
    byte[] file = read(wav);
    ByteBuffer chunks = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int at = RIFF_HEADER_BYTES;
    while (chunks.getInt(at) != DATA_CHUNK) {
      at += CHUNK_HEADER_BYTES + chunks.getInt(at + 4);
    }
    int data = at + CHUNK_HEADER_BYTES;
    return Arrays.copyOfRange(file, data, data + chunks.getInt(at + 4));
  }

  /** {@code pcm[samples]}, channels interleaved. */
  public static short[] samples(Path wav) {
    byte[] bytes = bytes(wav);
    short[] samples = new short[bytes.length / 2];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
    return samples;
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
