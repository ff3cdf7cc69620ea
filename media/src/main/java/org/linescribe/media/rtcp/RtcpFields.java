package org.linescribe.media.rtcp;

/** The bounds of wire fields, for records that are made by hand. */
final class RtcpFields {
  static final int MAX_COUNT = 31;

  private RtcpFields() {}

  static void check(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + ".." + max + ")");
    }
  }

  static void checkUnsigned32(String name, long value) {
    check(name, value, 0, 0xFFFF_FFFFL);
  }
}
