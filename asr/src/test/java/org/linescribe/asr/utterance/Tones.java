package org.linescribe.asr.utterance;

/** Audio of 16 kHz in which a tone is speech, and what tells it from silence. */
final class Tones {
  static final int RATE = 16_000;

  private Tones() {}

  static short[] silence(int ms) {
    return new short[ms * RATE / 1000];
  }

  /** A tone with dips as between words. */
  static short[] speech(int ms) {
    short[] pcm = new short[ms * RATE / 1000];
    for (int i = 0; i < pcm.length; i++) {
      double dip = i % (RATE / 2) < RATE / 20 ? 0.2 : 1;
      pcm[i] = (short) (dip * 8000 * Math.sin(i * 0.2));
    }
    return pcm;
  }

  /** Speech is what is loud. */
  static final class Loudness implements VoiceActivity, VoiceActivity.Factory {
    @Override
    public VoiceActivity open() {
      return this;
    }

    @Override
    public boolean hear(float[] pcm, int offset) {
      double sum = 0;
      for (int i = offset; i < offset + WINDOW_SAMPLES; i++) {
        sum += pcm[i] * pcm[i];
      }
      return sum / WINDOW_SAMPLES > 1e-4;
    }

    @Override
    public int delayMs() {
      return 32;
    }

    @Override
    public int hangoverMs() {
      return 0;
    }

    @Override
    public void reset() {
      // It remembers nothing.
    }

    @Override
    public void close() {
      // Nor does it own anything.
    }
  }
}
