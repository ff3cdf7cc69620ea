package org.linescribe.media.format;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Why decoding ended without all its audio. What was written to the sink until then stays valid.
 *
 * <p>The message never holds audio; it may end with FFmpeg's last error line, cleaned and cut to
 * 200 characters.
 */
public final class DecodeException extends IOException {
  private static final long serialVersionUID = 1L;

  /** The kinds of failure, each with one fitting answer of an API. */
  public enum Reason {
    /** The bytes are not audio that may be decoded here: 415. */
    UNREADABLE,
    /** FFmpeg ended without an error and without a sample (an index at the end of a pipe): 422. */
    EMPTY,
    /** The child was killed by a signal: 500, 1011. */
    CRASHED,
    /** The child made no progress within the bound and was killed: 500, 1011. */
    HUNG,
    /** Wall-clock or processor time used up: 422. */
    TOO_LONG,
    /** More PCM than allowed: 413. */
    TOO_MUCH_OUTPUT,
    /** The child wanted more memory than allowed: 422. */
    TOO_MUCH_MEMORY,
    /** All children are in use: 503, 1013. */
    BUSY,
    /** No FFmpeg that runs here: 500, 1011. */
    UNAVAILABLE,
    /** The sink threw; it is the cause. */
    SINK_FAILED,
    /** Closed or interrupted by its owner. */
    CANCELLED;

    /** Whether a child crashed, hung or was killed for what it used. */
    boolean isChildsFault() {
      return switch (this) {
        case CRASHED, HUNG, TOO_LONG, TOO_MUCH_OUTPUT, TOO_MUCH_MEMORY -> true;
        case UNREADABLE, EMPTY, BUSY, UNAVAILABLE, SINK_FAILED, CANCELLED -> false;
      };
    }
  }

  private final Reason reason;

  public DecodeException(Reason reason, String message) {
    this(reason, message, null);
  }

  DecodeException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** The same failure on the caller's stack. */
  DecodeException again() {
    return new DecodeException(reason, String.valueOf(getMessage()), this);
  }
}
