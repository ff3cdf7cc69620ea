package org.linescribe.asr.scheduler;

import java.time.Duration;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** How decoding is scheduled. {@code decodeThreads} is resolved: never 0 in an instance. */
@SettingsGroup("linescribe.asr")
public record SchedulerSettings(
    @Setting(
            "Platform threads that decode, each with one ONNX Runtime thread; 0 takes all"
                + " processors but one, and at least two.")
        @Default("0")
        @Range("0 to 256")
        int decodeThreads,
    @Setting("Streams decoded in one call.") @Default("16") @Range("1 to 256") int maxBatch,
    @Setting("How long a ready stream waits for others to share its batch.")
        @Default("10ms")
        @Range("0s to 200ms")
        Duration maxWait,
    @Setting("Undecoded audio that a stream holds before it refuses more.")
        @Default("10s")
        @Range("1s to 5m")
        Duration queueBound,
    @Setting("An utterance without a pause is split between two words after this long.")
        @Default("20s")
        @Range("5s to 5m")
        Duration maxUtterance,
    @Setting(
            "A native stream that decoded only silence is replaced after this long; each"
                + " replacement decodes half a second again.")
        @Default("10s")
        @Range("1s to 10m")
        Duration idleRenewal,
    @Setting(
            "Audio that has waited this long undecoded means overload: new sources are refused"
                + " until half of it is left. At most queue-bound.")
        @Default("2s")
        @Range("at least 200ms")
        Duration saturationBacklog) {
  public SchedulerSettings {
    SettingsCheck.ranges(
        SchedulerSettings.class,
        decodeThreads,
        maxBatch,
        maxWait,
        queueBound,
        maxUtterance,
        idleRenewal,
        saturationBacklog);
    SettingsCheck.require(
        saturationBacklog.compareTo(queueBound) <= 0,
        "linescribe.asr.saturation-backlog",
        saturationBacklog,
        "at most queue-bound");
    if (decodeThreads == 0) {
      decodeThreads = Math.clamp(Runtime.getRuntime().availableProcessors() - 1L, 2, 256);
    }
  }

  public static SchedulerSettings defaults() {
    return SettingsDefaults.of(SchedulerSettings.class);
  }

  public SchedulerSettings withDecodeThreads(int threads) {
    return new SchedulerSettings(
        threads, maxBatch, maxWait, queueBound, maxUtterance, idleRenewal, saturationBacklog);
  }
}
