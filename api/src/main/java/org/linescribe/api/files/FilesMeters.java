package org.linescribe.api.files;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/** What the files API counts, {@code linescribe.files.*}. */
final class FilesMeters {
  private final MeterRegistry registry;
  private final AtomicInteger running = new AtomicInteger();
  private final Timer duration;
  private final Counter audioSeconds;
  private final Counter uploadedBytes;

  FilesMeters(MeterRegistry registry, IntSupplier queued) {
    this.registry = registry;
    Gauge.builder("linescribe.files.running", running, AtomicInteger::get)
        .description("Files in processing now")
        .register(registry);
    // A supplier, because the registry holds other objects by a weak reference.
    Gauge.builder("linescribe.files.queued", () -> queued.getAsInt())
        .description("Files that wait, and uploads under way")
        .register(registry);
    this.duration =
        Timer.builder("linescribe.files.duration")
            .description("Duration of the processing of a file")
            .publishPercentileHistogram()
            .register(registry);
    this.audioSeconds =
        Counter.builder("linescribe.files.audio")
            .baseUnit("seconds")
            .description("Audio that was transcribed")
            .register(registry);
    this.uploadedBytes =
        Counter.builder("linescribe.files.uploaded")
            .baseUnit("bytes")
            .description("Bytes of accepted uploads")
            .register(registry);
  }

  void begun() {
    running.incrementAndGet();
  }

  void left(Duration took) {
    running.decrementAndGet();
    duration.record(took);
  }

  /**
   * @param outcome completed, failed, timeout or cancelled
   */
  void ended(String outcome) {
    Counter.builder("linescribe.files.tasks")
        .description("Files that came to an end")
        .tag("outcome", outcome)
        .register(registry)
        .increment();
  }

  /**
   * @param status of HTTP
   */
  void refused(int status) {
    Counter.builder("linescribe.files.refused")
        .description("Uploads refused")
        .tag("status", String.format(Locale.ROOT, "%d", status))
        .register(registry)
        .increment();
  }

  void transcribed(double seconds) {
    audioSeconds.increment(seconds);
  }

  void uploaded(long bytes) {
    uploadedBytes.increment(bytes);
  }
}
