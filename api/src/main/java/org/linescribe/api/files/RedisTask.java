package org.linescribe.api.files;

import io.lettuce.core.StreamMessage;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.linescribe.session.SessionId;
import org.linescribe.session.recordings.RecordingFolder;

/**
 * A task as it lies in Redis: a stream of its events, whose ids are their numbers, and a hash of
 * the latest one; a channel of the numbers of new ones; all expire. Braces keep the keys of a task
 * in one slot of a cluster.
 */
final class RedisTask {
  private RedisTask() {}

  static String channel(SessionId taskId) {
    return "linescribe:files:{" + taskId.value() + "}";
  }

  static String events(SessionId taskId) {
    return channel(taskId) + ":events";
  }

  static String latest(SessionId taskId) {
    return channel(taskId) + ":latest";
  }

  /** Set where the task was erased, for nodes that were not told. */
  static String erased(SessionId taskId) {
    return "linescribe:files:erased:" + RecordingFolder.hash(taskId.value());
  }

  /** Of an entry of the stream. */
  static Map<String, String> fields(TaskEvent event) {
    Map<String, String> fields = new HashMap<>();
    fields.put("kind", event.kind().name());
    fields.put("json", event.json());
    event.owner().ifPresent(owner -> fields.put("owner", owner));
    return fields;
  }

  static Map<String, String> latestFields(TaskEvent event) {
    Map<String, String> fields = fields(event);
    fields.put("seq", Long.toString(event.seq()));
    return fields;
  }

  static TaskEvent event(StreamMessage<String, String> entry) {
    String id = entry.getId();
    return event(id.substring(0, id.indexOf('-')), entry.getBody());
  }

  static TaskEvent latest(Map<String, String> fields) {
    return event(fields.get("seq"), fields);
  }

  private static TaskEvent event(String seq, Map<String, String> fields) {
    return new TaskEvent(
        Long.parseLong(seq),
        TaskEvent.Kind.valueOf(fields.get("kind")),
        Optional.ofNullable(fields.get("owner")),
        fields.get("json"));
  }
}
