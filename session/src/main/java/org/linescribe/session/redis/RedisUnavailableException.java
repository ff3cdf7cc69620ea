package org.linescribe.session.redis;

import org.jspecify.annotations.Nullable;

/** Redis did not answer in time. */
public final class RedisUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RedisUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
