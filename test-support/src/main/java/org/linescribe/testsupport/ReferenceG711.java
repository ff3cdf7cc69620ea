package org.linescribe.testsupport;

/**
 * G.711's encoders as the segment search that the ITU's reference software describes (ITU-T G.191,
 * module g711), written from its description, slow and by another way than the code under test.
 */
public final class ReferenceG711 {
  private ReferenceG711() {}

  /** From 14 bits: the bias of 33 makes every segment begin at a power of two. */
  public static int ulaw(int pcm16) {
    int magnitude = pcm16 < 0 ? (~pcm16 >> 2) + 33 : (pcm16 >> 2) + 33;
    if (magnitude > 0x1FFF) {
      magnitude = 0x1FFF;
    }
    int segment = 1;
    for (int rest = magnitude >> 6; rest != 0; rest >>= 1) {
      segment++;
    }
    int high = 8 - segment;
    int low = 15 - (magnitude >> segment & 15);
    return high << 4 | low | (pcm16 >= 0 ? 0x80 : 0);
  }

  /** From 13 bits, every second bit inverted in the end. */
  public static int alaw(int pcm16) {
    int index = pcm16 < 0 ? ~pcm16 >> 4 : pcm16 >> 4;
    if (index > 15) {
      int segment = 1;
      while (index > 31) {
        index >>= 1;
        segment++;
      }
      index = index - 16 + (segment << 4);
    }
    return (index | (pcm16 >= 0 ? 0x80 : 0)) ^ 0x55;
  }
}
