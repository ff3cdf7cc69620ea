package org.linescribe.testcalls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A span of speech in a recording, detected by level, as reference for latencies.
 *
 * <p>A frame of 20 ms is speech if its level in dB exceeds a threshold 40 % of the way from the
 * 10th to the 95th percentile. Gaps under 300 ms are bridged; spans under 60 ms are clicks and
 * dropped.
 *
 * @param startSample first sample of the first frame
 * @param endSample one past the last sample of the last frame
 */
public record SpeechSpan(int startSample, int endSample) {
  private static final int FRAME_SAMPLES = 160;
  private static final int JOIN_FRAMES = 15;
  private static final int LEAST_FRAMES = 3;
  private static final double LEAST_CONTRAST_DB = 6;

  /**
   * @param pcm8k mono, 16-bit, 8 kHz
   * @return in order; empty if the level hardly changes
   */
  static List<SpeechSpan> find(short[] pcm8k) {
    int frames = pcm8k.length / FRAME_SAMPLES;
    if (frames == 0) {
      return List.of();
    }
    double[] levelsDb = new double[frames];
    for (int frame = 0; frame < frames; frame++) {
      double energy = 1;
      for (int i = frame * FRAME_SAMPLES; i < (frame + 1) * FRAME_SAMPLES; i++) {
        energy += (double) pcm8k[i] * pcm8k[i];
      }
      levelsDb[frame] = 10 * Math.log10(energy / FRAME_SAMPLES);
    }
    double[] sorted = levelsDb.clone();
    Arrays.sort(sorted);
    double quietDb = sorted[frames / 10];
    double loudDb = sorted[frames * 95 / 100];
    if (loudDb - quietDb < LEAST_CONTRAST_DB) {
      return List.of();
    }
    double thresholdDb = quietDb + 0.4 * (loudDb - quietDb);
    List<SpeechSpan> spans = new ArrayList<>();
    int start = -1;
    int last = -1;
    for (int frame = 0; frame < frames; frame++) {
      if (levelsDb[frame] < thresholdDb) {
        continue;
      }
      if (start >= 0 && frame - last > JOIN_FRAMES) {
        add(spans, start, last);
        start = -1;
      }
      start = start < 0 ? frame : start;
      last = frame;
    }
    if (start >= 0) {
      add(spans, start, last);
    }
    return List.copyOf(spans);
  }

  private static void add(List<SpeechSpan> spans, int firstFrame, int lastFrame) {
    if (lastFrame - firstFrame + 1 >= LEAST_FRAMES) {
      spans.add(new SpeechSpan(firstFrame * FRAME_SAMPLES, (lastFrame + 1) * FRAME_SAMPLES));
    }
  }
}
