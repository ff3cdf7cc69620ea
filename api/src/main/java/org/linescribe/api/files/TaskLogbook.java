package org.linescribe.api.files;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Publishes a task's events in the documented format, numbered, with at most four progress events a
 * second.
 *
 * <p>Timestamps are UTC without an offset, as in the document. Fields that the document does not
 * have are {@code session_id}, {@code queue_position} and {@code estimated_seconds} of the
 * submitted event and {@code skipped} with its {@code reason} of a skipped step.
 *
 * <p>Thread: any; one event at a time.
 */
final class TaskLogbook {
  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss");
  private static final long PROGRESS_EVERY_NS = 250_000_000;
  private static final double MIB = 1024 * 1024;

  private final FileTask task;
  private final TaskEvents events;
  private final JsonMapper json;
  private final Clock clock;
  private final LongSupplier nowNs;
  private long seq;
  private int chunks;
  private int progress;
  private long progressNs;
  private boolean ended;

  TaskLogbook(FileTask task, TaskEvents events, JsonMapper json, Clock clock, LongSupplier nowNs) {
    this.task = task;
    this.events = events;
    this.json = json;
    this.clock = clock;
    this.nowNs = nowNs;
  }

  /**
   * @param position in the queue, 1 when it is the next
   */
  synchronized void submitted(int position, long estimatedSeconds) {
    ObjectNode event = event("submitted");
    event.put("message", "Audio processing started");
    event.put("filename", task.upload().filename());
    event.put("file_size_mb", Math.round(task.upload().bytes() / MIB * 100) / 100.0);
    event.put(
        "estimated_time",
        Math.max(1, estimatedSeconds / 2) + "-" + Math.max(2, estimatedSeconds * 2) + " seconds");
    event.put("timestamp", timestamp());
    event.put("session_id", task.taskId().value());
    event.put("queue_position", position);
    event.put("estimated_seconds", estimatedSeconds);
    publish(TaskEvent.Kind.SUBMITTED, event);
  }

  /** A step begins: always published. */
  synchronized void step(Step step) {
    progressNs = nowNs.getAsLong();
    progress = Math.max(progress, step.from());
    publish(TaskEvent.Kind.PROGRESS, progressing(step));
  }

  /** A step is skipped, with the reason. */
  synchronized void skipped(Step step, String reason) {
    progress = Math.max(progress, step.to());
    ObjectNode event = progressing(step);
    event.put("message", "Skipped: " + step.word());
    event.put("skipped", true);
    event.put("reason", reason);
    publish(TaskEvent.Kind.PROGRESS, event);
  }

  /**
   * @param done completed fraction of the step, 0 to 1
   */
  synchronized void progress(Step step, double done) {
    int percent = step.percent(done);
    long now = nowNs.getAsLong();
    if (percent > progress && now - progressNs >= PROGRESS_EVERY_NS) {
      progress = percent;
      progressNs = now;
      publish(TaskEvent.Kind.PROGRESS, progressing(step));
    }
  }

  private ObjectNode progressing(Step step) {
    ObjectNode event = event("PROCESSING");
    event.put("progress", progress);
    event.put("step", step.word());
    event.put("message", "Processing: " + step.word());
    event.put("elapsed_time", elapsed());
    event.put("timestamp", timestamp());
    return event;
  }

  synchronized void transcribed(String text, double done) {
    chunks++;
    ObjectNode event = json.createObjectNode().put("task_id", task.taskId().value());
    event.put("step", "transcription_partial");
    event.put("progress", Math.max(progress, Step.TRANSCRIPTION.percent(done)));
    event
        .putObject("partial_result")
        .put("transcript_chunk", text)
        .put("chunk_index", chunks)
        .put("total_chunks_so_far", chunks);
    event.put("timestamp", timestamp());
    publish(TaskEvent.Kind.PARTIAL, event);
  }

  synchronized void translated(String text, String cumulative, double done) {
    ObjectNode event = json.createObjectNode().put("task_id", task.taskId().value());
    event.put("step", "translation_partial");
    event.put("progress", Math.max(progress, Step.TRANSLATION.percent(done)));
    event
        .putObject("partial_result")
        .put("translation_chunk", text)
        .put("cumulative_translation", cumulative);
    event.put("timestamp", timestamp());
    publish(TaskEvent.Kind.PARTIAL, event);
  }

  synchronized void completed(ObjectNode result) {
    double elapsed = elapsed();
    result.put("processing_time", elapsed);
    ObjectNode event = event("completed");
    event.set("result", result);
    event.put("processing_time", elapsed);
    event.put("timestamp", timestamp());
    event.put("message", "Audio processing completed successfully");
    publish(TaskEvent.Kind.COMPLETED, event);
  }

  synchronized void failed(String error) {
    ObjectNode event = event("failed");
    event.put("error", error);
    event.put("processing_time", elapsed());
    event.put("timestamp", timestamp());
    event.put("message", "Audio processing failed");
    publish(TaskEvent.Kind.FAILED, event);
  }

  synchronized void timedOut() {
    ObjectNode event = event("timeout");
    long seconds = task.timeout().toSeconds();
    event.put(
        "error",
        seconds % 60 == 0
            ? "Processing timeout after " + seconds / 60 + (seconds == 60 ? " minute" : " minutes")
            : "Processing timeout after " + seconds + " seconds");
    event.put("elapsed_time", elapsed());
    event.put("timestamp", timestamp());
    publish(TaskEvent.Kind.TIMEOUT, event);
  }

  /** A heartbeat of one stream, which is not logged. */
  String heartbeat() {
    ObjectNode event = event("PROCESSING");
    event.put("heartbeat", true);
    event.put("elapsed_time", elapsed());
    event.put("timestamp", timestamp());
    return event.toString();
  }

  /**
   * The event as the realtime stream shows it: the document's realtime client looks for its end in
   * {@code step}, where the event that the document shows has {@code status} only.
   */
  static String realtime(TaskEvent event) {
    Optional<String> step =
        switch (event.kind()) {
          case SUBMITTED, PROGRESS, PARTIAL -> Optional.empty();
          case COMPLETED -> Optional.of("completed");
          case FAILED, TIMEOUT -> Optional.of("failed");
        };
    if (step.isEmpty()) {
      return event.json();
    }
    ObjectNode root = JsonMapper.shared().createObjectNode();
    JsonNode shown = JsonMapper.shared().readTree(event.json());
    for (Map.Entry<String, JsonNode> field : shown.properties()) {
      root.set(field.getKey(), field.getValue());
      if (field.getKey().equals("status")) {
        root.put("step", step.get());
      }
    }
    return root.toString();
  }

  private ObjectNode event(String status) {
    return json.createObjectNode().put("task_id", task.taskId().value()).put("status", status);
  }

  private double elapsed() {
    return task.elapsedSeconds(nowNs.getAsLong());
  }

  private String timestamp() {
    return TIMESTAMP.format(
        LocalDateTime.ofInstant(clock.instant(), ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS));
  }

  private void publish(TaskEvent.Kind kind, ObjectNode event) {
    if (ended) {
      return;
    }
    ended = kind.isLast();
    seq++;
    events.publish(task.taskId(), new TaskEvent(seq, kind, task.owner(), event.toString()));
  }
}
