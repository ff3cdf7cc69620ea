package org.linescribe.media.format;

import java.util.Optional;

/**
 * What a connection's stream is, told from its first bytes.
 *
 * <p>A magic number decides; without one the format that the session asked for, where that is mp3,
 * flac or aac. A session of "wav", which is the default, may also carry an MPEG stream without a
 * tag: two frame headers that follow one another are needed, since a single one occurs in raw PCM
 * too. What is left is raw PCM in the session's shape.
 */
sealed interface StreamFormat {
  /** More bytes than this are never needed to tell. */
  int MOST_BYTES = 12 * 1024;

  /** RIFF WAVE. */
  record Wave() implements StreamFormat {}

  /** PCM16 in the session's shape. */
  record Raw() implements StreamFormat {}

  /** For FFmpeg. */
  record Encoded(ContainerFormat container) implements StreamFormat {}

  /**
   * @param bytes the stream's beginning
   * @param ended no more will come
   * @param asked the session's format where it is not wav
   * @return empty when more bytes are needed
   */
  static Optional<StreamFormat> detect(
      byte[] bytes, int length, boolean ended, Optional<ContainerFormat> asked) {
    if (length < 12 && !ended) {
      return Optional.empty();
    }
    Optional<StreamFormat> magic = magic(bytes, length, asked);
    if (magic.isPresent()) {
      return magic;
    }
    if (asked.isPresent()) {
      return Optional.of(new Encoded(asked.get()));
    }
    return framed(bytes, length, ended || length >= MOST_BYTES);
  }

  private static Optional<StreamFormat> magic(
      byte[] bytes, int length, Optional<ContainerFormat> asked) {
    if ((is(bytes, length, 0, "RIFF") || is(bytes, length, 0, "RF64"))
        && is(bytes, length, 8, "WAVE")) {
      return Optional.of(new Wave());
    }
    if (is(bytes, length, 0, "fLaC")) {
      return Optional.of(new Encoded(ContainerFormat.FLAC));
    }
    if (is(bytes, length, 0, "ID3")) {
      return Optional.of(new Encoded(asked.orElse(ContainerFormat.MP3)));
    }
    if (is(bytes, length, 0, "OggS")) {
      return Optional.of(new Encoded(ContainerFormat.OGG));
    }
    if (is(bytes, length, 0, "\u001aE\u00df\u00a3")) {
      return Optional.of(new Encoded(ContainerFormat.WEBM));
    }
    if (is(bytes, length, 4, "ftyp")) {
      return Optional.of(new Encoded(ContainerFormat.MP4));
    }
    return Optional.empty();
  }

  private static Optional<StreamFormat> framed(byte[] bytes, int length, boolean noMore) {
    for (ContainerFormat kind : new ContainerFormat[] {ContainerFormat.AAC, ContainerFormat.MP3}) {
      int frame = frameBytes(kind, bytes, 0, length);
      if (frame > 0 && frame + 7 > length) {
        return noMore ? Optional.of(new Raw()) : Optional.empty();
      }
      if (frame > 0 && frameBytes(kind, bytes, frame, length) > 0 && bytes[1] == bytes[frame + 1]) {
        return Optional.of(new Encoded(kind));
      }
    }
    return Optional.of(new Raw());
  }

  private static int frameBytes(ContainerFormat kind, byte[] bytes, int at, int length) {
    if (at + 7 > length || bytes[at] != (byte) 0xFF) {
      return 0;
    }
    return kind == ContainerFormat.AAC ? adtsBytes(bytes, at) : mpegBytes(bytes, at);
  }

  /** ISO/IEC 13818-7 §6.2: sync 0xFFF, layer 0, 13 bits of frame length. */
  private static int adtsBytes(byte[] bytes, int at) {
    int second = bytes[at + 1] & 0xFF;
    int rate = bytes[at + 2] >> 2 & 0xF;
    int frame =
        (bytes[at + 3] & 3) << 11 | (bytes[at + 4] & 0xFF) << 3 | (bytes[at + 5] & 0xFF) >> 5;
    return (second & 0xF6) == 0xF0 && rate < 13 && frame > 7 ? frame : 0;
  }

  /** ISO/IEC 11172-3 §2.4.1: sync 0xFFE, layer III, tables of bit rate and sampling rate. */
  private static int mpegBytes(byte[] bytes, int at) {
    int second = bytes[at + 1] & 0xFF;
    int version = second >> 3 & 3;
    int bitRate = bytes[at + 2] >> 4 & 0xF;
    int rate = bytes[at + 2] >> 2 & 3;
    boolean layer3 = (second & 0xE6) == 0xE2;
    if (!layer3 || version == 1 || bitRate == 0 || bitRate == 15 || rate == 3) {
      return 0;
    }
    int[] kbps =
        version == 3
            ? new int[] {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
            : new int[] {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
    int rateHz = new int[] {44100, 48000, 32000}[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
    int padding = bytes[at + 2] >> 1 & 1;
    return (version == 3 ? 144 : 72) * kbps[bitRate] * 1000 / rateHz + padding;
  }

  private static boolean is(byte[] bytes, int length, int at, String magic) {
    if (at + magic.length() > length) {
      return false;
    }
    for (int i = 0; i < magic.length(); i++) {
      if ((bytes[at + i] & 0xFF) != magic.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
