package org.linescribe.media.format;

/**
 * Finds where the next file begins in a stream of encoded files that follow one another, as a
 * client sends them that puts a whole file into every message. FFmpeg's demuxers read the first
 * file only, or damage the next.
 *
 * <p>MPEG and ADTS frames have no beginning of a file and need none: their demuxers go on.
 *
 * <p>Thread: one at a time.
 *
 * <p>Sources: ISO/IEC 14496-12 §4.3 (ftyp), RFC 9639 §8.2 (STREAMINFO), RFC 3533 §6 (beginning of a
 * stream), RFC 8794 §11.2.1 (EBML header, whose first element is EBMLVersion).
 */
final class FileBoundary {
  /** Whether a file begins at a position. */
  private enum Match {
    NO,
    YES,
    /** More bytes are needed to tell. */
    POSSIBLE
  }

  private static final int[] FTYP = {0, 0, -1, -1, 'f', 't', 'y', 'p'};
  private static final int[] FLAC = {'f', 'L', 'a', 'C', -1, 0, 0, 34};
  private static final int[] EBML_SHORT = {0x1A, 0x45, 0xDF, 0xA3, -1, 0x42, 0x86};
  private static final int[] EBML_LONG = {
    0x1A, 0x45, 0xDF, 0xA3, 1, -1, -1, -1, -1, -1, -1, -1, 0x42, 0x86
  };
  private static final int[] OGG_PAGE = {'O', 'g', 'g', 'S', 0, -1};
  private static final int OGG_FLAGS = 5;
  private static final int OGG_BEGINNING = 2;

  private final ContainerFormat container;
  private boolean insideOgg;

  FileBoundary(ContainerFormat container) {
    this.container = container;
  }

  /**
   * @param from where to look; what precedes it was looked at
   * @return where a file begins, or may begin when more bytes come; {@code to} where none does
   */
  int find(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && match(bytes, at, to) == Match.NO) {
      at++;
    }
    return at;
  }

  /** Whether the file at a position that {@link #find} returned has all of its signature. */
  boolean begins(byte[] bytes, int at, int to) {
    return at < to && match(bytes, at, to) == Match.YES;
  }

  private Match match(byte[] bytes, int at, int to) {
    return switch (container) {
      case MP4 -> match(FTYP, bytes, at, to);
      case FLAC -> match(FLAC, bytes, at, to);
      case WEBM -> {
        Match brief = match(EBML_SHORT, bytes, at, to);
        yield brief == Match.NO ? match(EBML_LONG, bytes, at, to) : brief;
      }
      case OGG -> oggPage(bytes, at, to);
      default -> Match.NO;
    };
  }

  /**
   * The first pages of all streams of a file come together; one after other pages is a new file.
   */
  private Match oggPage(byte[] bytes, int at, int to) {
    Match page = match(OGG_PAGE, bytes, at, to);
    if (page != Match.YES) {
      return page;
    }
    boolean beginning = (bytes[at + OGG_FLAGS] & OGG_BEGINNING) != 0;
    insideOgg |= !beginning;
    return beginning && insideOgg ? Match.YES : Match.NO;
  }

  /** A signature's -1 stands for any byte. */
  private static Match match(int[] signature, byte[] bytes, int at, int to) {
    for (int i = 0; i < signature.length; i++) {
      if (at + i >= to) {
        return Match.POSSIBLE;
      }
      if (signature[i] >= 0 && signature[i] != (bytes[at + i] & 0xFF)) {
        return Match.NO;
      }
    }
    return Match.YES;
  }
}
