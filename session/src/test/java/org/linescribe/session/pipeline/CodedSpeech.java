package org.linescribe.session.pipeline;

/**
 * Speech for {@link CodedRecogniser}: word n is 200 ms of the sample value n, at 8 kHz, followed by
 * 50 ms of silence, so that a test knows to the sample what must be heard.
 */
final class CodedSpeech {
  static final int RATE_HZ = 8000;
  static final int WORD_SAMPLES = 1600;
  static final int GAP_SAMPLES = 400;

  private CodedSpeech() {}

  static float[] words(int... codes) {
    float[] pcm = new float[codes.length * (WORD_SAMPLES + GAP_SAMPLES)];
    for (int i = 0; i < codes.length; i++) {
      int from = i * (WORD_SAMPLES + GAP_SAMPLES);
      java.util.Arrays.fill(pcm, from, from + WORD_SAMPLES, codes[i] / 32768f);
    }
    return pcm;
  }

  static float[] silence(int ms) {
    return new float[ms * RATE_HZ / 1000];
  }

  static float[] join(float[]... parts) {
    int length = 0;
    for (float[] part : parts) {
      length += part.length;
    }
    float[] joined = new float[length];
    int at = 0;
    for (float[] part : parts) {
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
