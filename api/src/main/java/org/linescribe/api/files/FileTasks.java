package org.linescribe.api.files;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.linescribe.api.http.RequestOrigin;
import org.linescribe.insights.Insights;
import org.linescribe.media.format.FfmpegFileDecoder;
import org.linescribe.session.Sessions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The files of this node: a fair queue and a few workers; each file ends exactly once.
 *
 * <p>Thread: any. A worker is a virtual thread: it waits for FFmpeg, the pipeline and the insights.
 */
final class FileTasks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileTasks.class);

  /** Estimated cost of a file beside its audio, and length of a file that tells none. */
  private static final double START_SECONDS = 1;

  private static final double UNKNOWN_SECONDS = 300;
  private static final double WEIGHT = 0.2;

  private final Sessions sessions;
  private final FfmpegFileDecoder decoder;
  private final Insights insights;
  private final TaskEvents events;
  private final FilesSettings settings;
  private final FilesMeters meters;
  private final JsonMapper json;
  private final Clock clock;
  private final FairQueue<Submitted> queue;
  private final List<Thread> workers = new ArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("files-timer").factory());
  private volatile double secondsPerAudioSecond = 0.1;
  private volatile boolean closing;

  /** A task and the log of its events. */
  record Submitted(FileTask task, TaskLogbook logbook) {}

  FileTasks(
      Sessions sessions,
      FfmpegFileDecoder decoder,
      Insights insights,
      TaskEvents events,
      FilesSettings settings,
      FairQueue<Submitted> queue,
      FilesMeters meters,
      JsonMapper json,
      Clock clock) {
    this.sessions = sessions;
    this.decoder = decoder;
    this.insights = insights;
    this.events = events;
    this.settings = settings;
    this.queue = queue;
    this.meters = meters;
    this.json = json;
    this.clock = clock;
    for (int i = 0; i < settings.workerCount(); i++) {
      workers.add(Thread.ofVirtual().name("files-worker-" + i).start(this::work));
    }
  }

  /**
   * Takes ownership of the upload and uses the client's permit.
   *
   * @param owner name of the client's API key, empty where none is required
   * @param timeout of its work, once it has begun
   * @return empty when the client is gone
   */
  Optional<Submitted> submit(
      FairQueue<Submitted>.Permit permit, RequestOrigin origin, Upload upload, Duration timeout) {
    FileTask task =
        new FileTask(
            sessions.newSessionId(),
            new FileTask.Submitter(permit.client(), origin),
            upload,
            timeout,
            clock.instant(),
            System.nanoTime());
    TaskLogbook logbook = new TaskLogbook(task, events, json, clock, System::nanoTime);
    Submitted submitted = new Submitted(task, logbook);
    // A worker may take it at once, but its first event must follow this one.
    synchronized (logbook) {
      if (!permit.use(submitted)) {
        upload.delete();
        return Optional.empty();
      }
      List<Submitted> before = queue.until(submitted);
      logbook.submitted(Math.max(1, before.size()), estimateSeconds(before, upload));
    }
    meters.uploaded(upload.bytes());
    return Optional.of(submitted);
  }

  private long estimateSeconds(List<Submitted> before, Upload upload) {
    double work = before.isEmpty() ? seconds(upload) : 0;
    for (Submitted other : before) {
      work += seconds(other.task().upload());
    }
    return (long) Math.ceil(work / (before.size() > 1 ? workers.size() : 1));
  }

  private double seconds(Upload upload) {
    double audio =
        upload.durationMs().isPresent()
            ? upload.durationMs().getAsLong() / 1000.0
            : UNKNOWN_SECONDS;
    return START_SECONDS + audio * secondsPerAudioSecond;
  }

  /** Ends a task, unless it has ended. */
  void stop(Submitted submitted, FileTask.Stop reason) {
    FileTask task = submitted.task();
    if (task.stop(reason) && queue.remove(task.client(), submitted)) {
      ended(submitted, reason);
      task.upload().delete();
    }
  }

  private void work() {
    try {
      while (!closing) {
        run(queue.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(Submitted submitted) throws InterruptedException {
    FileTask task = submitted.task();
    if (!task.begin()) {
      ended(submitted, reason(task));
      task.upload().delete();
      return;
    }
    meters.begun();
    long startNs = System.nanoTime();
    ScheduledFuture<?> timeout =
        timer.schedule(
            () -> task.stop(FileTask.Stop.TIMEOUT),
            task.timeout().toMillis(),
            TimeUnit.MILLISECONDS);
    try {
      process(submitted, startNs);
    } catch (InterruptedException e) {
      if (task.stopped() == null) {
        // The worker itself is interrupted, not the task.
        task.stop(FileTask.Stop.SHUTDOWN);
      }
      ended(submitted, reason(task));
    } catch (FileFailedException e) {
      if (task.stopped() == null) {
        LOG.info("File {} failed: {}", task.taskId(), e.getMessage());
        meters.ended("failed");
        submitted.logbook().failed(String.valueOf(e.getMessage()));
      } else {
        ended(submitted, reason(task));
      }
    } catch (RuntimeException | Error e) {
      LOG.error("File {} failed", task.taskId(), e);
      meters.ended("failed");
      submitted.logbook().failed("Internal error");
    } finally {
      timeout.cancel(false);
      task.upload().delete();
      task.leave();
      meters.left(Duration.ofNanos(System.nanoTime() - startNs));
    }
    if (closing) {
      throw new InterruptedException("the workers are to end");
    }
  }

  private void process(Submitted submitted, long startNs)
      throws FileFailedException, InterruptedException {
    FileTask task = submitted.task();
    FileWork work = new FileWork(task, submitted.logbook(), insights, json);
    Transcription transcription =
        new Transcription(sessions, decoder, settings, task, work.progress());
    ObjectNode result = work.run(transcription);
    double audio = result.get("audio_seconds").asDouble();
    meters.transcribed(audio);
    if (audio > 0) {
      double took = (System.nanoTime() - startNs) / 1e9;
      secondsPerAudioSecond =
          (1 - WEIGHT) * secondsPerAudioSecond + WEIGHT * Math.max(0, took - START_SECONDS) / audio;
    }
    // Counted before it is published, so that a client that reads the event finds it counted.
    meters.ended("completed");
    submitted.logbook().completed(result);
  }

  private static FileTask.Stop reason(FileTask task) {
    FileTask.Stop reason = task.stopped();
    return reason == null ? FileTask.Stop.SHUTDOWN : reason;
  }

  private void ended(Submitted submitted, FileTask.Stop reason) {
    switch (reason) {
      case CLIENT_GONE -> {
        meters.ended("cancelled");
        submitted.logbook().failed("Cancelled: the client went away");
      }
      case TIMEOUT -> {
        meters.ended("timeout");
        submitted.logbook().timedOut();
      }
      case SHUTDOWN -> {
        meters.ended("cancelled");
        submitted.logbook().failed("Cancelled: the gateway is shutting down");
      }
    }
  }

  /** Ends the running and the waiting tasks. */
  @Override
  public void close() {
    closing = true;
    workers.forEach(Thread::interrupt);
    try {
      for (Thread worker : workers) {
        worker.join(Duration.ofSeconds(10));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Submitted left : queue.all()) {
      stop(left, FileTask.Stop.SHUTDOWN);
    }
    timer.shutdownNow();
  }
}
