package org.linescribe.session.outbox;

import java.time.Instant;
import org.linescribe.session.SessionId;
import org.linescribe.session.store.StoreWrite;
import org.linescribe.session.wire.TranscriptJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A store's change as a record of the outbox. */
final class StoreWriteJson {
  private StoreWriteJson() {}

  static String write(StoreWrite write) {
    return TranscriptJson.write(
        switch (write) {
          case StoreWrite.Opened opened -> {
            ObjectNode node =
                TranscriptJson.object()
                    .put("write", "opened")
                    .put("session_id", opened.sessionId().value())
                    .put("kind", opened.kind())
                    .put("started_at", opened.startedAt().toString())
                    .put("at", opened.at().toString());
            opened.legs().forEach(node.putArray("legs")::add);
            opened.attributes().forEach(node.putObject("attributes")::put);
            yield node;
          }
          case StoreWrite.Appended appended ->
              TranscriptJson.segment(appended.segment()).put("write", "segment");
          case StoreWrite.Ended ended ->
              TranscriptJson.object()
                  .put("write", "ended")
                  .put("session_id", ended.sessionId().value())
                  .put("at", ended.at().toString())
                  .put("reason", ended.reason());
        });
  }

  static StoreWrite read(String json) {
    return TranscriptJson.read(json, StoreWriteJson::of);
  }

  private static StoreWrite of(JsonNode node) {
    String kind = node.required("write").asString();
    return switch (kind) {
      case "opened" ->
          new StoreWrite.Opened(
              new SessionId(node.required("session_id").asString()),
              node.required("kind").asString(),
              TranscriptJson.stringsOf(node.required("legs")),
              Instant.parse(node.required("started_at").asString()),
              Instant.parse(node.required("at").asString()),
              TranscriptJson.mapOf(node.required("attributes")));
      case "segment" -> new StoreWrite.Appended(TranscriptJson.segmentOf(node));
      case "ended" ->
          new StoreWrite.Ended(
              new SessionId(node.required("session_id").asString()),
              Instant.parse(node.required("at").asString()),
              node.required("reason").asString());
      default -> throw new IllegalArgumentException("unknown write");
    };
  }
}
