package org.linescribe.media.format;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Recognises a container, or a codec that frames itself, by its first bytes. The one place for it:
 * bytes that are not recognised here are raw audio, and a container taken for raw audio becomes
 * invented words.
 *
 * <p>MPEG audio and AAC without a tag begin with bits that PCM may hold by chance. For them two
 * frame headers are needed, the second where the first one says.
 *
 * <p>Thread: any. Source: Microsoft, Multimedia Programming Interface and Data Specifications 1.0;
 * EBU Tech 3306 (RF64); Sony Wave64; Apple, AIFF-C and Core Audio Format; RFC 2361; RFC 3533; RFC
 * 4867 §5; RFC 8794 §11.2.1; RFC 9639 §6; ISO/IEC 14496-12 §4.2; ID3v2 §3.1; ISO/IEC 11172-3
 * §2.4.1; ISO/IEC 13818-7 §6.2.
 */
public final class ContainerSignature {
  /** More bytes than this are never needed. */
  public static final int MAX_BYTES = 12 * 1024;

  /** The GUID of a Wave64 file's first chunk after "riff". */
  private static final String WAVE64 =
      "\u002e\u0091\u00cf\u0011\u00a5\u00d6\u0028\u00db\u0004\u00c1";

  /**
   * @param format empty for a kind of file that is not audio, or not decoded here
   * @param second a further part of the signature, at {@code secondAt}
   */
  private record Signature(
      @Nullable ContainerFormat format, int at, String first, int secondAt, String second) {
    /** Whether the bytes hold the signature as far as they go. */
    boolean agrees(byte[] bytes, int length) {
      return agrees(bytes, length, at, first) && agrees(bytes, length, secondAt, second);
    }

    int endBytes() {
      return Math.max(at + first.length(), secondAt + second.length());
    }

    private static boolean agrees(byte[] bytes, int length, int at, String part) {
      byte[] wanted = part.getBytes(StandardCharsets.ISO_8859_1);
      for (int i = 0; i < wanted.length && at + i < length; i++) {
        if (bytes[at + i] != wanted[i]) {
          return false;
        }
      }
      return true;
    }
  }

  private static final List<Signature> SIGNATURES =
      List.of(
          of(ContainerFormat.WAV, 0, "RIFF", 8, "WAVE"),
          of(ContainerFormat.WAV, 0, "RF64", 8, "WAVE"),
          of(ContainerFormat.W64, 0, "riff" + WAVE64, 0, ""),
          of(ContainerFormat.AIFF, 0, "FORM", 8, "AIF"),
          of(ContainerFormat.AU, 0, ".snd", 0, ""),
          of(ContainerFormat.CAF, 0, "caff", 0, ""),
          of(ContainerFormat.AMR, 0, "#!AMR", 0, ""),
          of(ContainerFormat.FLAC, 0, "fLaC", 0, ""),
          of(ContainerFormat.MP3, 0, "ID3", 0, ""),
          of(ContainerFormat.OGG, 0, "OggS", 0, ""),
          of(ContainerFormat.WEBM, 0, "\u001aE\u00df\u00a3", 0, ""),
          of(ContainerFormat.MP4, 4, "ftyp", 0, ""),
          // A fragment on its own, and QuickTime files of before "ftyp".
          of(ContainerFormat.MP4, 4, "styp", 0, ""),
          of(ContainerFormat.MP4, 4, "moof", 0, ""),
          of(ContainerFormat.MP4, 4, "moov", 0, ""),
          of(ContainerFormat.MP4, 4, "mdat", 0, ""),
          // FFmpeg reads the samples of big-endian WAVE in the wrong order.
          of(null, 0, "RIFX", 8, "WAVE"),
          of(null, 0, "RIFF", 8, "AVI "),
          of(null, 0, "FLV\u0001", 0, ""),
          of(null, 0, "\u0030\u0026\u00b2\u0075\u008e\u0066\u00cf\u0011", 0, ""), // ASF, WMA
          of(null, 0, "wvpk", 0, ""),
          of(null, 0, "MAC ", 0, ""),
          of(null, 0, "TTA1", 0, ""),
          of(null, 0, "MThd", 0, ""),
          of(null, 0, "%PDF-", 0, ""),
          of(null, 0, "PK\u0003\u0004", 0, ""),
          of(null, 0, "\u0089PNG", 0, ""),
          of(null, 0, "\u00ff\u00d8\u00ff\u00e0", 6, "JFIF"),
          of(null, 0, "GIF8", 0, ""),
          of(null, 0, "\u001f\u008b\u0008", 0, ""), // gzip
          of(null, 0, "<!DOCTYPE", 0, ""),
          of(null, 0, "<html", 0, ""),
          of(null, 0, "#EXTM3U", 0, ""));

  private ContainerSignature() {}

  private static Signature of(
      @Nullable ContainerFormat format, int at, String first, int secondAt, String second) {
    return new Signature(format, at, first, secondAt, second);
  }

  /** The container that begins with these bytes; empty where none does, or none yet. */
  public static Optional<ContainerFormat> find(byte[] bytes, int length) {
    for (Signature signature : SIGNATURES) {
      ContainerFormat format = signature.format();
      if (format != null && isComplete(signature, bytes, length)) {
        return Optional.of(format);
      }
    }
    for (ContainerFormat format : List.of(ContainerFormat.AAC, ContainerFormat.MP3)) {
      int frame = frameBytes(format, bytes, 0, length);
      if (frame > 0
          && frameBytes(format, bytes, frame, length) > 0
          && bytes[1] == bytes[frame + 1]) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /** Whether further bytes may make a container of these, which are none yet. */
  public static boolean isUndecided(byte[] bytes, int length) {
    if (find(bytes, length).isPresent() || length >= MAX_BYTES) {
      return false;
    }
    for (Signature signature : SIGNATURES) {
      if (length < signature.endBytes() && signature.agrees(bytes, length)) {
        return true;
      }
    }
    for (ContainerFormat format : List.of(ContainerFormat.AAC, ContainerFormat.MP3)) {
      int frame = frameBytes(format, bytes, 0, length);
      boolean begins = length < 7 && length > 0 && bytes[0] == (byte) 0xFF;
      if (begins || frame > 0 && frame + 7 > length) {
        return true;
      }
    }
    return false;
  }

  /** Whether the bytes begin a file that is not audio, or audio that is not decoded here. */
  public static boolean isForeign(byte[] bytes, int length) {
    return SIGNATURES.stream()
        .anyMatch(signature -> signature.format() == null && isComplete(signature, bytes, length));
  }

  /**
   * Whether the bytes begin with one header of an MPEG layer III frame: enough for a whole file.
   */
  public static boolean isMpegFrame(byte[] bytes, int length) {
    return length >= 4 && bytes[0] == (byte) 0xFF && mpegBytes(bytes, 0) > 0;
  }

  private static boolean isComplete(Signature signature, byte[] bytes, int length) {
    return length >= signature.endBytes() && signature.agrees(bytes, length);
  }

  private static int frameBytes(ContainerFormat format, byte[] bytes, int at, int length) {
    if (at + 7 > length || bytes[at] != (byte) 0xFF) {
      return 0;
    }
    return format == ContainerFormat.AAC ? adtsBytes(bytes, at) : mpegBytes(bytes, at);
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
}
