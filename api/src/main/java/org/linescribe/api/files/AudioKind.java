package org.linescribe.api.files;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.linescribe.media.format.ContainerFormat;

/**
 * What a file is by its first bytes, whatever its name or its client says. Source: the magic
 * numbers of RIFF, ID3v2 and ISO 11172-3, FLAC, ISO 14496-12, RFC 3533 and EBML.
 */
enum AudioKind {
  WAV(ContainerFormat.WAV),
  MP3(ContainerFormat.MP3),
  FLAC(ContainerFormat.FLAC),
  M4A(ContainerFormat.MP4),
  OGG(ContainerFormat.OGG),
  WEBM(ContainerFormat.WEBM);

  static final int HEAD_BYTES = 12;

  private final ContainerFormat container;

  AudioKind(ContainerFormat container) {
    this.container = container;
  }

  ContainerFormat container() {
    return container;
  }

  /**
   * @param head the first {@link #HEAD_BYTES} bytes, or all of a shorter file
   */
  static Optional<AudioKind> of(byte[] head) {
    if (startsWith(head, 0, "RIFF") || startsWith(head, 0, "RF64")) {
      return startsWith(head, 8, "WAVE") ? Optional.of(WAV) : Optional.empty();
    }
    if (startsWith(head, 0, "fLaC")) {
      return Optional.of(FLAC);
    }
    if (startsWith(head, 0, "OggS")) {
      return Optional.of(OGG);
    }
    if (startsWith(head, 4, "ftyp")) {
      return Optional.of(M4A);
    }
    if (startsWith(head, 0, "\u001aE\u00df\u00a3")) {
      return Optional.of(WEBM);
    }
    return startsWith(head, 0, "ID3") || isMpegAudioFrame(head)
        ? Optional.of(MP3)
        : Optional.empty();
  }

  private static boolean startsWith(byte[] head, int at, String magic) {
    byte[] bytes = magic.getBytes(StandardCharsets.ISO_8859_1);
    if (head.length < at + bytes.length) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if (head[at + i] != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  /** Eleven set bits, then no reserved version, layer III, bit rate or sampling rate. */
  private static boolean isMpegAudioFrame(byte[] head) {
    if (head.length < 4 || (head[0] & 0xff) != 0xff || (head[1] & 0xe0) != 0xe0) {
      return false;
    }
    int version = (head[1] >> 3) & 3;
    int layer = (head[1] >> 1) & 3;
    int bitRate = (head[2] >> 4) & 15;
    int samplingRate = (head[2] >> 2) & 3;
    return version != 1 && layer == 1 && bitRate != 15 && bitRate != 0 && samplingRate != 3;
  }
}
