package org.linescribe.media.wav;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;
import org.linescribe.media.wav.WavException.Defect;
import org.linescribe.media.wav.WavFormat.Encoding;

/**
 * Everything before the first sample of a WAVE file, read chunk by chunk.
 *
 * <pre>
 * "RIFF" size "WAVE"  { id(4) size(4, little-endian) body pad-to-even }*
 * fmt : tag(2) channels(2) rate(4) bytes/s(4) frame(2) bits(2)
 *       [ext-size(2)  valid-bits(2) mask(4) sub-format GUID(16)]     tag 0xFFFE
 * </pre>
 *
 * <p>Source: Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0
 * (1991); Microsoft, mmreg.h, for WAVE_FORMAT_EXTENSIBLE.
 *
 * @param dataBytes length of the audio, or {@link #UNTIL_END}
 * @param dataOffset where the audio begins, in bytes from the start
 */
record WavHeader(WavFormat format, long dataBytes, long dataOffset) {
  /** The writer did not know the length: the audio goes on to the end of the file. */
  static final long UNTIL_END = -1;

  /** Length of the header that {@link #encode} makes: fmt of 16 bytes, then data. */
  static final int ENCODED_BYTES = 44;

  /** Largest data chunk whose RIFF size still fits 32 bits. */
  static final long MAX_DATA_BYTES = 0xFFFF_FFFFL - ENCODED_BYTES;

  private static final int RIFF = fourCc("RIFF");
  private static final int WAVE = fourCc("WAVE");
  private static final int FMT = fourCc("fmt ");
  private static final int DATA = fourCc("data");
  private static final int TAG_EXTENSIBLE = 0xFFFE;
  private static final int FMT_BYTES = 16;
  private static final int FMT_EXTENSIBLE_BYTES = 40;
  private static final int SUB_FORMAT = 24;

  /** Low and high half of the GUID xxxx-0000-0010-8000-00AA00389B71 after its format tag. */
  private static final long GUID_TAIL_LOW = 0x0010_0000_0000L;

  private static final long GUID_TAIL_HIGH = 0x719B_3800_AA00_0080L;

  private static final long UNKNOWN_SIZE = 0xFFFF_FFFFL;

  static WavHeader read(InputStream in) throws IOException {
    ByteBuffer riff = readFully(in, 12);
    if (riff.getInt(0) != RIFF || riff.getInt(8) != WAVE) {
      throw new WavException(Defect.NOT_WAVE, "not a RIFF/WAVE file");
    }
    long riffEnd = 8 + Integer.toUnsignedLong(riff.getInt(4));
    long position = 12;
    WavFormat format = null;
    while (true) {
      ByteBuffer chunk = readChunkHead(in, format != null);
      position += 8;
      int id = chunk.getInt(0);
      long size = Integer.toUnsignedLong(chunk.getInt(4));
      if (id == DATA) {
        if (format == null) {
          throw new WavException(Defect.MISSING_CHUNK, "no fmt chunk before the data chunk");
        }
        return new WavHeader(format, dataBytes(size, riffEnd, position), position);
      }
      if (id == FMT) {
        if (size < FMT_BYTES || size > 0xFFFF) {
          throw new WavException(Defect.BAD_FORMAT, "fmt chunk of " + size + " bytes");
        }
        format = readFormat(readFully(in, (int) size));
        skipFully(in, size & 1);
      } else {
        skipFully(in, size + (size & 1));
      }
      position += size + (size & 1);
    }
  }

  /**
   * Finds the data chunk that follows one which was read to its end.
   *
   * @param chunkBytes length of the chunk before; some writers leave out the pad byte of an odd one
   * @return its length, or {@link #UNTIL_END}; empty when no chunk of the file's audio follows
   */
  static OptionalLong nextData(InputStream in, long chunkBytes) throws IOException {
    byte[] head = in.readNBytes(8);
    if ((chunkBytes & 1) == 1 && head.length == 8 && head[0] == 0) {
      System.arraycopy(head, 1, head, 0, 7);
      int last = in.read();
      if (last < 0) {
        return OptionalLong.empty();
      }
      head[7] = (byte) last;
    }
    while (head.length == 8) {
      ByteBuffer chunk = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
      int id = chunk.getInt(0);
      long size = Integer.toUnsignedLong(chunk.getInt(4));
      if (id == DATA) {
        return OptionalLong.of(size == UNKNOWN_SIZE ? UNTIL_END : size);
      }
      if (id == RIFF || id == FMT) {
        return OptionalLong.empty();
      }
      try {
        in.skipNBytes(size + (size & 1));
      } catch (EOFException e) {
        return OptionalLong.empty();
      }
      head = in.readNBytes(8);
    }
    return OptionalLong.empty();
  }

  /**
   * A size of 0 with nothing after it is what a writer leaves that was killed, or that writes to a
   * pipe; 0xFFFFFFFF (ffmpeg) and sox's 0x7FFFFFFF less a header mean the same. A size of 0 with
   * chunks after it, by the RIFF size, is an empty recording.
   */
  private static long dataBytes(long size, long riffEnd, long position) {
    boolean riffUnknown = riffEnd - 8 == 0 || riffEnd - 8 == UNKNOWN_SIZE;
    if (size == UNKNOWN_SIZE || size >= 0x7FFF_FFFFL - 4096 && size <= 0x7FFF_FFFFL) {
      return UNTIL_END;
    }
    if (size == 0 && (riffUnknown || riffEnd <= position)) {
      return UNTIL_END;
    }
    return size;
  }

  private static WavFormat readFormat(ByteBuffer fmt) throws WavException {
    int tag = Short.toUnsignedInt(fmt.getShort(0));
    int channels = Short.toUnsignedInt(fmt.getShort(2));
    long sampleRateHz = Integer.toUnsignedLong(fmt.getInt(4));
    int bytesPerFrame = Short.toUnsignedInt(fmt.getShort(12));
    int bitsPerSample = Short.toUnsignedInt(fmt.getShort(14));
    if (tag == TAG_EXTENSIBLE) {
      tag = subFormatTag(fmt);
    }
    Encoding encoding = null;
    for (Encoding known : Encoding.values()) {
      if (known.formatTag() == tag) {
        encoding = known;
      }
    }
    if (encoding == null) {
      throw new WavException(
          Defect.UNSUPPORTED_FORMAT,
          "format tag 0x%04X (expected: 1 PCM, 6 A-law or 7 μ-law)".formatted(tag));
    }
    if (bitsPerSample != encoding.bytesPerSample() * 8) {
      throw new WavException(
          Defect.UNSUPPORTED_FORMAT,
          encoding
              + " of "
              + bitsPerSample
              + " bits (expected: "
              + encoding.bytesPerSample() * 8
              + ")");
    }
    if (channels < 1 || channels > WavFormat.MAX_CHANNELS) {
      throw new WavException(Defect.BAD_FORMAT, "channels: " + channels + " (expected: 1..64)");
    }
    if (sampleRateHz < 1 || sampleRateHz > WavFormat.MAX_SAMPLE_RATE_HZ) {
      throw new WavException(
          Defect.BAD_FORMAT, "sample rate: " + sampleRateHz + " Hz (expected: 1..768000)");
    }
    WavFormat format = new WavFormat(encoding, channels, (int) sampleRateHz);
    if (bytesPerFrame != format.bytesPerFrame()) {
      throw new WavException(
          Defect.BAD_FORMAT,
          "block align: " + bytesPerFrame + " (expected: " + format.bytesPerFrame() + ")");
    }
    return format;
  }

  private static int subFormatTag(ByteBuffer fmt) throws WavException {
    if (fmt.limit() < FMT_EXTENSIBLE_BYTES) {
      throw new WavException(
          Defect.BAD_FORMAT, "extensible fmt chunk of " + fmt.limit() + " bytes (expected: 40)");
    }
    long low = fmt.getLong(SUB_FORMAT);
    if (low >>> 16 != GUID_TAIL_LOW || fmt.getLong(SUB_FORMAT + 8) != GUID_TAIL_HIGH) {
      throw new WavException(Defect.UNSUPPORTED_FORMAT, "unknown sub-format");
    }
    return (int) (low & 0xFFFF);
  }

  /** The 44 bytes that precede {@code dataBytes} of audio. */
  static ByteBuffer encode(WavFormat format, long dataBytes) {
    ByteBuffer header = ByteBuffer.allocate(ENCODED_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    long padded = dataBytes + (dataBytes & 1);
    header.putInt(RIFF).putInt((int) (ENCODED_BYTES - 8 + padded)).putInt(WAVE);
    header.putInt(FMT).putInt(FMT_BYTES);
    header.putShort((short) format.encoding().formatTag()).putShort((short) format.channels());
    header.putInt(format.sampleRateHz());
    header.putInt(format.sampleRateHz() * format.bytesPerFrame());
    header.putShort((short) format.bytesPerFrame());
    header.putShort((short) (format.encoding().bytesPerSample() * 8));
    header.putInt(DATA).putInt((int) dataBytes);
    return header.flip();
  }

  private static ByteBuffer readChunkHead(InputStream in, boolean formatSeen) throws IOException {
    byte[] head = in.readNBytes(8);
    if (head.length == 0) {
      throw new WavException(
          Defect.MISSING_CHUNK, "no " + (formatSeen ? "data" : "fmt") + " chunk");
    }
    if (head.length < 8) {
      throw new WavException(Defect.TRUNCATED_HEADER, "the file ends within a chunk's head");
    }
    return ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer readFully(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new WavException(Defect.TRUNCATED_HEADER, "the file ends within its header");
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void skipFully(InputStream in, long count) throws IOException {
    try {
      in.skipNBytes(count);
    } catch (EOFException e) {
      throw new WavException(
          Defect.TRUNCATED_HEADER, "the file ends within a chunk before the audio");
    }
  }

  private static int fourCc(String id) {
    return id.charAt(0) | id.charAt(1) << 8 | id.charAt(2) << 16 | id.charAt(3) << 24;
  }
}
