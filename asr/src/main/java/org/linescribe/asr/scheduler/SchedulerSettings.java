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
                + " until half of it is left. A streaming model is overloaded as soon as no stream"
                + " was decoded within 60 ms for half a second. At most queue-bound.")
        @Default("2s")
        @Range("at least 200ms")
        Duration saturationBacklog,
    @Setting(
            "in-process, or a number from 1 to 16: so many child processes for each loaded model"
                + " hold the native library, and its crash costs no call (operate.md).")
        @Default("in-process")
        String workers) {
  private static final String IN_PROCESS = "in-process";

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
        workers.equals(IN_PROCESS) || workers.matches("[1-9]|1[0-6]"),
        "linescribe.asr.workers",
        workers,
        "in-process, or 1 to 16");
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

  /** Worker processes for each model; 0 where it is loaded here. */
  public int workerCount() {
    return workers.equals(IN_PROCESS) ? 0 : Integer.parseInt(workers);
  }

  public SchedulerSettings withDecodeThreads(int threads) {
    return with(threads, workers);
  }

  /** Without worker processes. */
  public SchedulerSettings inProcess() {
    return with(decodeThreads, IN_PROCESS);
  }

  private SchedulerSettings with(int threads, String workerProcesses) {
    return new SchedulerSettings(
        threads,
        maxBatch,
        maxWait,
        queueBound,
        maxUtterance,
        idleRenewal,
        saturationBacklog,
        workerProcesses);
  }
}
