package org.linescribe.media.wav;

import java.io.IOException;

/** A file is not the WAVE that it should be. The message names the fault, never the audio. */
public final class WavException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is wrong. */
  public enum Defect {
    /** It does not begin with RIFF … WAVE. */
    NOT_WAVE,
    /** It ends within a header or a chunk before the audio. */
    TRUNCATED_HEADER,
    /** The audio ends before the length that its header promises; what is there was delivered. */
    TRUNCATED_DATA,
    /** No fmt chunk comes before the audio, or no audio comes at all. */
    MISSING_CHUNK,
    /** The fmt chunk contradicts itself or is out of range. */
    BAD_FORMAT,
    /** A format that is well-formed and not read here: another codec, another width. */
    UNSUPPORTED_FORMAT,
    /** More than a RIFF file, or the caller's own bound, can hold. */
    TOO_LARGE
  }

  private final Defect defect;

  public WavException(Defect defect, String message) {
    super(message);
    this.defect = defect;
  }

  public Defect defect() {
    return defect;
  }
}
