package org.linescribe.media.rtcp;

import java.time.Instant;

/**
 * The 64-bit timestamps of sender reports: seconds since 1900 in 32 bits, then their fraction.
 *
 * <p>Seconds wrap in 2036; a time is taken to be of the era that begins 1968, as RFC 4330 §3 says.
 * Source: RFC 3550 §4, RFC 5905 §6.
 */
public final class NtpTime {
  private static final long SECONDS_1900_TO_1970 = 2_208_988_800L;
  private static final long ERA_SECONDS = 1L << 32;

  private NtpTime() {}

  /** The 64 bits for an instant. */
  public static long of(Instant instant) {
    long seconds = instant.getEpochSecond() + SECONDS_1900_TO_1970;
    long fraction = ((long) instant.getNano() << 32) / 1_000_000_000L;
    return seconds << 32 | fraction;
  }

  /** The instant, exact to a nanosecond. */
  public static Instant toInstant(long ntpTimestamp) {
    long seconds = ntpTimestamp >>> 32;
    if (seconds < ERA_SECONDS / 2) {
      seconds += ERA_SECONDS;
    }
    long nanos = ((ntpTimestamp & 0xFFFF_FFFFL) * 1_000_000_000L + (1L << 31)) >>> 32;
    return Instant.ofEpochSecond(seconds - SECONDS_1900_TO_1970, nanos);
  }

  /** The middle 32 bits, by which receivers refer to a sender report: units of 1/65536 s. */
  public static long middle32(long ntpTimestamp) {
    return ntpTimestamp >>> 16 & 0xFFFF_FFFFL;
  }
}
