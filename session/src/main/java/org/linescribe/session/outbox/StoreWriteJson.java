package org.linescribe.session.outbox;

import java.time.Instant;
import java.util.Optional;
import org.linescribe.session.SessionId;
import org.linescribe.session.json.CallRecordJson;
import org.linescribe.session.json.StoredJson;
import org.linescribe.session.store.StoreWrite;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A store's change as a record of the outbox. */
final class StoreWriteJson {
  private StoreWriteJson() {}

  static String write(StoreWrite write) {
    return StoredJson.write(
        switch (write) {
          case StoreWrite.Opened opened -> {
            ObjectNode node =
                StoredJson.object()
                    .put("write", "opened")
                    .put("session_id", opened.sessionId().value())
                    .put("kind", opened.kind())
                    .put("started_at", opened.startedAt().toString())
                    .put("at", opened.at().toString());
            opened.owner().ifPresent(owner -> node.put("owner", owner));
            opened.legs().forEach(node.putArray("legs")::add);
            opened.attributes().forEach(node.putObject("attributes")::put);
            yield node;
          }
          case StoreWrite.Appended appended ->
              StoredJson.segment(appended.segment()).put("write", "segment");
          case StoreWrite.CallEnded ended ->
              CallRecordJson.record(ended.call()).put("write", "call");
          case StoreWrite.Ended ended ->
              StoredJson.object()
                  .put("write", "ended")
                  .put("session_id", ended.sessionId().value())
                  .put("opened_at", ended.openedAt().toString())
                  .put("at", ended.at().toString())
                  .put("reason", ended.reason());
        });
  }

  static StoreWrite read(String json) {
    return StoredJson.read(json, StoreWriteJson::of);
  }

  private static StoreWrite of(JsonNode node) {
    String kind = node.required("write").asString();
    return switch (kind) {
      case "opened" ->
          new StoreWrite.Opened(
              new SessionId(node.required("session_id").asString()),
              node.required("kind").asString(),
              Optional.ofNullable(node.get("owner")).map(JsonNode::asString),
              StoredJson.stringsOf(node.required("legs")),
              Instant.parse(node.required("started_at").asString()),
              Instant.parse(node.required("at").asString()),
              StoredJson.mapOf(node.required("attributes")));
      case "call" -> new StoreWrite.CallEnded(CallRecordJson.recordOf(node));
      case "segment" -> new StoreWrite.Appended(StoredJson.segmentOf(node));
      case "ended" -> ended(node);
      default -> throw new IllegalArgumentException("unknown write");
    };
  }

  private static StoreWrite ended(JsonNode node) {
    String at = node.required("at").asString();
    // Earlier versions did not write when the source opened.
    String openedAt = node.path("opened_at").asString(at);
    return new StoreWrite.Ended(
        new SessionId(node.required("session_id").asString()),
        Instant.parse(openedAt),
        Instant.parse(at),
        node.required("reason").asString());
  }
}
