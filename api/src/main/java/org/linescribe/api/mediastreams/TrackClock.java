package org.linescribe.api.mediastreams;

import org.linescribe.api.audio.AudioFormat;

/**
 * Keeps the tracks of a stream on one timeline: a platform sends nothing of a track on which
 * nothing is played, and says by {@code timestamp} where the next audio of it stands.
 *
 * <p>No more silence is believed than time has passed on the clock, so that a frame cannot ask for
 * an hour of it.
 */
final class TrackClock {
  /** Less than this is the platform's jitter. */
  private static final long TOLERANCE_MS = 100;

  /** How far audio may be ahead of the clock, as the first of it may have been late. */
  private static final long AHEAD_MS = 1000;

  private final long[] samples;
  private final int rateHz;
  private long firstMs = -1;
  private long firstNs;

  TrackClock(int tracks, int rateHz) {
    this.samples = new long[tracks];
    this.rateHz = rateHz;
  }

  /**
   * @param timestampMs of the audio that comes now, from whichever zero; -1 where it has none
   * @return samples of the leg that are missing before it
   */
  int missing(int track, long timestampMs, long nowNs) {
    if (timestampMs < 0) {
      return 0;
    }
    if (firstMs < 0) {
      firstMs = timestampMs;
      firstNs = nowNs;
    }
    long passedMs = (nowNs - firstNs) / 1_000_000;
    long dueMs = Math.min(timestampMs - firstMs, passedMs + AHEAD_MS);
    long behindMs = dueMs - samples[track] * 1000 / rateHz;
    return behindMs <= TOLERANCE_MS ? 0 : Math.toIntExact(behindMs * rateHz / 1000);
  }

  void skipped(int track, int skipped) {
    samples[track] += skipped;
  }

  /**
   * @param written samples at the format's rate
   */
  void wrote(int track, long written, AudioFormat format) {
    samples[track] += written * rateHz / format.sampleRateHz();
  }
}
