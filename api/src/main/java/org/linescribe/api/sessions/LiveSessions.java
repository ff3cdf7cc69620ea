package org.linescribe.api.sessions;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.linescribe.api.sessions.SessionPages.SessionBody;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.fleet.Fleet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sessions whose audio comes now, to this node or to any. One page, as sources are bounded; by
 * their start, newest first.
 *
 * <p>Thread: any; blocks.
 */
final class LiveSessions {
  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final String ALL = "live-sessions";
  private static final String ONE = "live-session";

  private final Sessions sessions;
  private final Fleet fleet;
  private final JsonMapper json;

  /**
   * @param self whether it is the node that was asked
   * @param answered whether its sessions are in the list
   */
  record NodeBody(String name, boolean self, boolean answered) {}

  /**
   * @param sessions each with the name of its node
   */
  record EverywhereBody(List<ObjectNode> sessions, List<NodeBody> nodes) {}

  LiveSessions(Sessions sessions, Fleet fleet, JsonMapper json) {
    this.sessions = sessions;
    this.fleet = fleet;
    this.json = json;
    fleet.onQuestion(ALL, this::answer);
    fleet.onQuestion(
        ONE,
        question ->
            json.createObjectNode()
                .put(
                    "live",
                    sessions.isLive(new SessionId(question.required("session_id").asString()))));
  }

  List<SessionBody> here(SessionQuery query) {
    return sessions.liveSessions().stream()
        .flatMap(id -> sessions.find(id).stream())
        .filter(query::matches)
        .sorted(Comparator.comparing(SessionRecord::startedAt).reversed())
        .limit(query.limit())
        .map(session -> SessionBody.of(session, true, null))
        .toList();
  }

  EverywhereBody everywhere(SessionQuery query) throws InterruptedException {
    ObjectNode question = json.createObjectNode().put("limit", query.limit());
    query.owner().ifPresent(owner -> question.put("owner", owner));
    query.callId().ifPresent(callId -> question.put("call_id", callId));
    Fleet.Answers others = fleet.ask(ALL, question, WAIT, _ -> false);
    // One that moves to another node is at both for a moment.
    Map<String, ObjectNode> found = new LinkedHashMap<>();
    here(query).forEach(session -> add(found, json.valueToTree(session), fleet.name()));
    List<NodeBody> nodes = new ArrayList<>(List.of(new NodeBody(fleet.name(), true, true)));
    for (Fleet.Answer other : others.answers()) {
      other.body().path("sessions").forEach(session -> add(found, session, other.node()));
      nodes.add(new NodeBody(other.node(), false, true));
    }
    others.missing().forEach(name -> nodes.add(new NodeBody(name, false, false)));
    return new EverywhereBody(
        found.values().stream()
            .sorted(Comparator.comparing(LiveSessions::startedAt).reversed())
            .limit(query.limit())
            .toList(),
        nodes.stream().sorted(Comparator.comparing(NodeBody::name)).toList());
  }

  /** The node, other than this one, at which a source of the session is open. */
  Optional<String> nodeElsewhere(SessionId id) throws InterruptedException {
    ObjectNode question = json.createObjectNode().put("session_id", id.value());
    return fleet.ask(ONE, question, WAIT, LiveSessions::isLive).answers().stream()
        .filter(answer -> isLive(answer.body()))
        .map(Fleet.Answer::node)
        .findFirst();
  }

  private static boolean isLive(JsonNode answer) {
    return answer.path("live").asBoolean(false);
  }

  private ObjectNode answer(JsonNode question) {
    SessionQuery query =
        new SessionQuery(
            text(question, "owner"),
            text(question, "call_id"),
            Optional.empty(),
            question.required("limit").asInt());
    ObjectNode answer = json.createObjectNode();
    answer.set("sessions", json.valueToTree(here(query)));
    return answer;
  }

  private static Optional<String> text(JsonNode question, String name) {
    return Optional.ofNullable(question.get(name)).map(JsonNode::asString);
  }

  private static void add(Map<String, ObjectNode> found, JsonNode session, String node) {
    found.putIfAbsent(
        session.required("session_id").asString(), ((ObjectNode) session).put("node", node));
  }

  private static Instant startedAt(ObjectNode session) {
    return Instant.parse(session.required("started_at").asString());
  }
}
