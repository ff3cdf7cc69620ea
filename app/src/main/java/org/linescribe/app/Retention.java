package org.linescribe.app;

import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.linescribe.session.recordings.RecordingFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes, at the start and every hour, the recordings that the settings no longer keep. Sessions
 * are the pipeline's own work.
 *
 * <p>Thread: its own.
 */
final class Retention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("linescribe-retention").factory());

  Retention(List<RecordingFolder> folders, Clock clock) {
    timer.scheduleWithFixedDelay(
        () -> folders.forEach(folder -> deleteExpired(folder, clock)), 0, 1, TimeUnit.HOURS);
  }

  /** Catches every fault, because the timer would not run again after one. */
  private static void deleteExpired(RecordingFolder folder, Clock clock) {
    try {
      folder.deleteExpired(clock.instant());
    } catch (RuntimeException bug) {
      LOG.error("{}: expired recordings were not deleted", folder.directory(), bug);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
