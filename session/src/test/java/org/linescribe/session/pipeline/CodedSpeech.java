package org.linescribe.session.pipeline;

/**
 * Speech for {@link CodedRecogniser}: word n is 200 ms of the sample value n, at 8 kHz, followed by
 * 50 ms of silence, so that a test knows to the sample what must be recognised.
 */
final class CodedSpeech {
  static final int RATE_HZ = 8000;
  static final int WORD_SAMPLES = 1600;
  static final int GAP_SAMPLES = 400;

  private CodedSpeech() {}

  static short[] words(int... codes) {
    short[] pcm = new short[codes.length * (WORD_SAMPLES + GAP_SAMPLES)];
    for (int i = 0; i < codes.length; i++) {
      int from = i * (WORD_SAMPLES + GAP_SAMPLES);
      java.util.Arrays.fill(pcm, from, from + WORD_SAMPLES, (short) codes[i]);
    }
    return pcm;
  }

  static short[] silence(int ms) {
    return new short[ms * RATE_HZ / 1000];
  }

  static short[] join(short[]... parts) {
    int length = 0;
    for (short[] part : parts) {
      length += part.length;
    }
    short[] joined = new short[length];
    int at = 0;
    for (short[] part : parts) {
      System.arraycopy(part, 0, joined, at, part.length);
      at += part.length;
    }
    return joined;
  }

  static String text(int... codes) {
    return java.util.Arrays.stream(codes)
        .mapToObj(code -> "w" + code)
        .collect(java.util.stream.Collectors.joining(" "));
  }
}
