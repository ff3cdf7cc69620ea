package org.linescribe.session.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one leg, a bounded number however long the call is: when there are {@value
 * #MAX_SAMPLES}, neighbours are merged, and each later sample covers twice the time.
 *
 * <p>Thread: one at a time.
 */
public final class QualityHistory {
  /** At one sample in 5 s the first merger comes after 10 minutes. */
  static final int MAX_SAMPLES = 120;

  /** Half a second: of fewer one lost packet would look like a broken line. */
  static final int MIN_PACKETS = 25;

  private List<QualitySample> samples = new ArrayList<>();
  private int stretchesEach = 1;
  private int stretches;
  private @Nullable QualitySample growing;
  private long received;
  private long lost;

  /**
   * Adds the stretch since the last call.
   *
   * @param atMs now, from the call's start
   * @param total the leg's counts since the call's start
   * @return what the stretch was like; empty where it had too few packets and goes on
   */
  public Optional<QualitySample> add(long atMs, LegQuality total) {
    long used = total.receivedPackets() - total.duplicatePackets() - total.latePackets();
    long newlyReceived = Math.max(0, used - received);
    long newlyLost = Math.max(0, total.lostPackets() - lost);
    if (newlyReceived + newlyLost < MIN_PACKETS) {
      return Optional.empty();
    }
    received = used;
    lost = total.lostPackets();
    QualitySample stretch =
        new QualitySample(
            atMs,
            rounded(100.0 * newlyLost / (newlyLost + newlyReceived)),
            rounded(total.jitterMs()));
    keep(stretch);
    return Optional.of(stretch);
  }

  private static double rounded(double value) {
    return Math.round(value * 10) / 10.0;
  }

  private void keep(QualitySample stretch) {
    growing = growing == null ? stretch : growing.and(stretch);
    stretches++;
    if (stretches < stretchesEach) {
      return;
    }
    samples.add(growing);
    growing = null;
    stretches = 0;
    if (samples.size() == MAX_SAMPLES) {
      List<QualitySample> merged = new ArrayList<>();
      for (int i = 0; i < MAX_SAMPLES; i += 2) {
        merged.add(samples.get(i).and(samples.get(i + 1)));
      }
      samples = merged;
      stretchesEach *= 2;
    }
  }

  /** So far, in order; the last one may still grow. */
  public List<QualitySample> samples() {
    List<QualitySample> all = new ArrayList<>(samples);
    if (growing != null) {
      all.add(growing);
    }
    return List.copyOf(all);
  }
}
