package org.linescribe.api.stt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.linescribe.media.format.ContainerFormat;

/** What a chunk's bytes are: told by how they begin, or by what the client calls them. */
final class ChunkKind {
  private static final int RIFF_HEADER_BYTES = 8;
  private static final int OGG_FLAGS_AT = 5;
  private static final int OGG_FIRST_PAGE = 2;

  private ChunkKind() {}

  /**
   * The container that begins with this chunk, empty where none does.
   *
   * <p>MP3 and AAC begin with bits that PCM may hold by chance, so their word is only taken with
   * the client's.
   */
  static Optional<ContainerFormat> begins(ChunkForm form) {
    byte[] bytes = form.audio();
    if (isAt(bytes, 0, "RIFF") && isAt(bytes, 8, "WAVE")) {
      return Optional.of(ContainerFormat.WAV);
    }
    if (isAt(bytes, 0, "OggS")
        && bytes.length > OGG_FLAGS_AT
        && (bytes[OGG_FLAGS_AT] & OGG_FIRST_PAGE) != 0) {
      return Optional.of(ContainerFormat.OGG);
    }
    if (isAt(bytes, 0, "fLaC")) {
      return Optional.of(ContainerFormat.FLAC);
    }
    if (isAt(bytes, 0, "\u001a\u0045\u00df\u00a3")) {
      return Optional.of(ContainerFormat.WEBM);
    }
    if (isAt(bytes, 4, "ftyp")) {
      return Optional.of(ContainerFormat.MP4);
    }
    if (isAt(bytes, 0, "ID3")) {
      return Optional.of(ContainerFormat.MP3);
    }
    boolean sync = bytes.length > 1 && (bytes[0] & 0xFF) == 0xFF && (bytes[1] & 0xE0) == 0xE0;
    if (sync && isCalled(form, "mp3", "audio/mpeg", "audio/mp3")) {
      return Optional.of(ContainerFormat.MP3);
    }
    if (sync && isCalled(form, "aac", "audio/aac", "audio/aacp")) {
      return Optional.of(ContainerFormat.AAC);
    }
    return Optional.empty();
  }

  /** Whether the bytes that begin a container are all of it. */
  static boolean isWhole(ContainerFormat format, byte[] bytes) {
    return switch (format) {
      // The others do not say how long they are; a file with its index at its end must be whole.
      case MP4 -> true;
      case WAV ->
          bytes.length >= RIFF_HEADER_BYTES
              && Integer.toUnsignedLong(
                      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(4))
                  <= bytes.length - RIFF_HEADER_BYTES;
      case AUTO, MP3, FLAC, AAC, OGG, WEBM -> false;
    };
  }

  /** Whether a chunk that begins like this goes on where the one before it ended. */
  static boolean continues(ContainerFormat open, ContainerFormat begins) {
    // Every frame of these begins as the first one does.
    return open == begins && (open == ContainerFormat.MP3 || open == ContainerFormat.AAC);
  }

  private static boolean isCalled(ChunkForm form, String suffix, String... types) {
    if (form.filename().endsWith("." + suffix)) {
      return true;
    }
    for (String type : types) {
      if (form.contentType().startsWith(type)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isAt(byte[] bytes, int at, String magic) {
    byte[] wanted = magic.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length < at + wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
