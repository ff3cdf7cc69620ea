package org.linescribe.session.json;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.AnnouncementTimes;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.calls.QualitySample;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Call records as the store and the outbox keep them. */
public final class CallRecordJson {
  private CallRecordJson() {}

  public static ObjectNode record(CallRecord call) {
    ObjectNode node =
        StoredJson.object()
            .put("session_id", call.sessionId().value())
            .put("call_id", call.callId())
            .put("kind", call.kind())
            .put("from", call.from())
            .put("to", call.to())
            .put("transport", call.transport())
            .put("started_at", call.startedAt().toString())
            .put("ended_at", call.endedAt().toString())
            .put("outcome", call.outcome());
    call.trunk().ifPresent(trunk -> node.put("trunk", trunk));
    call.answeredAt().ifPresent(at -> node.put("answered_at", at.toString()));
    call.announcement().ifPresent(times -> node.set("announcement", announcement(times)));
    node.set("legs", node(call.legs()));
    return node;
  }

  public static CallRecord recordOf(JsonNode node) {
    return new CallRecord(
        new SessionId(node.required("session_id").asString()),
        node.required("call_id").asString(),
        node.required("kind").asString(),
        Optional.ofNullable(node.get("trunk")).map(JsonNode::asString),
        node.required("from").asString(),
        node.required("to").asString(),
        node.required("transport").asString(),
        Instant.parse(node.required("started_at").asString()),
        Optional.ofNullable(node.get("answered_at")).map(at -> Instant.parse(at.asString())),
        Optional.ofNullable(node.get("announcement")).map(CallRecordJson::announcementOf),
        Instant.parse(node.required("ended_at").asString()),
        node.required("outcome").asString(),
        legsOf(node.required("legs")));
  }

  private static ObjectNode announcement(AnnouncementTimes times) {
    ObjectNode node = StoredJson.object().put("started_at", times.startedAt().toString());
    times.endedAt().ifPresent(at -> node.put("ended_at", at.toString()));
    return node;
  }

  private static AnnouncementTimes announcementOf(JsonNode node) {
    return new AnnouncementTimes(
        Instant.parse(node.required("started_at").asString()),
        Optional.ofNullable(node.get("ended_at")).map(at -> Instant.parse(at.asString())));
  }

  public static String legs(List<LegQuality> legs) {
    return StoredJson.write(node(legs));
  }

  public static List<LegQuality> legs(String json) {
    return StoredJson.read(json, CallRecordJson::legsOf);
  }

  private static ArrayNode node(List<LegQuality> legs) {
    ArrayNode array = StoredJson.array();
    for (LegQuality leg : legs) {
      ObjectNode node =
          array
              .addObject()
              .put("leg", leg.leg())
              .put("codec", leg.codec())
              .put("received_packets", leg.receivedPackets())
              .put("lost_packets", leg.lostPackets())
              .put("late_packets", leg.latePackets())
              .put("duplicate_packets", leg.duplicatePackets())
              .put("jitter_ms", leg.jitterMs());
      if (!leg.samples().isEmpty()) {
        node.set("samples", samples(leg.samples()));
      }
    }
    return array;
  }

  private static List<LegQuality> legsOf(JsonNode array) {
    List<LegQuality> legs = new ArrayList<>();
    for (JsonNode node : array) {
      legs.add(
          new LegQuality(
              node.required("leg").asString(),
              node.required("codec").asString(),
              node.required("received_packets").asLong(),
              node.required("lost_packets").asLong(),
              node.required("late_packets").asLong(),
              node.required("duplicate_packets").asLong(),
              node.required("jitter_ms").asDouble(),
              0,
              samplesOf(node.path("samples"))));
    }
    return legs;
  }

  /** {@code [at_ms, loss_percent, jitter_ms]} each: the column of a call's legs is short. */
  private static ArrayNode samples(List<QualitySample> samples) {
    ArrayNode array = StoredJson.array();
    for (QualitySample sample : samples) {
      array.addArray().add(sample.atMs()).add(sample.lossPercent()).add(sample.jitterMs());
    }
    return array;
  }

  private static List<QualitySample> samplesOf(JsonNode array) {
    List<QualitySample> samples = new ArrayList<>();
    for (JsonNode sample : array) {
      samples.add(
          new QualitySample(
              sample.required(0).asLong(),
              sample.required(1).asDouble(),
              sample.required(2).asDouble()));
    }
    return samples;
  }
}
