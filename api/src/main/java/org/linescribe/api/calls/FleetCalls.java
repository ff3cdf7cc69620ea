package org.linescribe.api.calls;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.linescribe.api.callrecord.CallJson.CallBody;
import org.linescribe.api.calls.CallBodies.MarkBody;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallControl.RecordingOrder;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.fleet.Fleet;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The calls that go on, at this node and at the others, and orders for them, which the node that
 * has the call executes.
 *
 * <p>Thread: any; blocks.
 */
final class FleetCalls {
  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final Duration WAIT_FOR_ORDER = Duration.ofSeconds(3);
  private static final String ALL = "calls";
  private static final String ONE = "call";
  private static final String ORDER = "call-order";

  /** What may be asked of a call. */
  enum Order {
    HANG_UP,
    PAUSE,
    RESUME,
    START_RECORDING,
    PAUSE_RECORDING,
    STOP_RECORDING,
    MARK
  }

  private final Supplier<CallControl> line;
  private final CallMarks marks;
  private final Fleet fleet;
  private final JsonMapper json;

  FleetCalls(Supplier<CallControl> line, CallMarks marks, Fleet fleet, JsonMapper json) {
    this.line = line;
    this.marks = marks;
    this.fleet = fleet;
    this.json = json;
    fleet.onQuestion(ALL, _ -> member("calls", openHere()));
    fleet.onQuestion(ONE, question -> here(id(question)).map(this::tree).orElseGet(this::empty));
    fleet.onQuestion(ORDER, this::answer);
  }

  List<CallBody> openHere() {
    return line.get().open().stream().map(call -> CallBody.of(call, false)).toList();
  }

  /** Each with the name of its node; of those that answer. In the order of their start. */
  List<ObjectNode> openEverywhere() throws InterruptedException {
    Fleet.Answers others = fleet.ask(ALL, empty(), WAIT, _ -> false);
    List<ObjectNode> all = new ArrayList<>();
    openHere().forEach(call -> all.add(tree(call).put("node", fleet.name())));
    for (Fleet.Answer other : others.answers()) {
      other
          .body()
          .path("calls")
          .forEach(call -> all.add(((ObjectNode) call).put("node", other.node())));
    }
    all.sort(Comparator.comparing(call -> Instant.parse(call.required("started_at").asString())));
    return all;
  }

  /** The call that goes on, with its history, as JSON. */
  Optional<ObjectNode> find(SessionId id) throws InterruptedException {
    Optional<ObjectNode> here = here(id).map(this::tree);
    if (here.isPresent()) {
      return here;
    }
    return fleet.ask(ONE, question(id), WAIT, FleetCalls::says).answers().stream()
        .filter(answer -> says(answer.body()))
        .map(answer -> ((ObjectNode) answer.body()).put("node", answer.node()))
        .findFirst();
  }

  private Optional<CallBody> here(SessionId id) {
    return line.get().find(id).map(call -> CallBody.of(call, true));
  }

  /**
   * Has an order executed.
   *
   * @param text of a mark, else empty
   * @return of {@link Order#MARK} the mark as it was set
   */
  Optional<MarkBody> order(SessionId id, Order order, String text) throws InterruptedException {
    Optional<Done> here = orderHere(id, order, text);
    if (here.isPresent()) {
      return here.get().mark();
    }
    ObjectNode question = question(id).put("order", order.name()).put("text", text);
    Fleet.Answers others = fleet.ask(ORDER, question, WAIT_FOR_ORDER, FleetCalls::says);
    for (Fleet.Answer other : others.answers()) {
      if (says(other.body())) {
        return marked(id, other.body());
      }
    }
    if (!others.missing().isEmpty()) {
      throw RefusedRequestException.unavailable(
          "The call may be at a node that does not answer: " + String.join(", ", others.missing()),
          WAIT_FOR_ORDER);
    }
    throw CallsApi.notFound(id);
  }

  /** An order that was executed. */
  private record Done(Optional<MarkBody> mark) {
    static Optional<Done> where(boolean told) {
      return told ? Optional.of(new Done(Optional.empty())) : Optional.empty();
    }
  }

  /** Empty where this node has no such call. */
  private Optional<Done> orderHere(SessionId id, Order order, String text) {
    CallControl control = line.get();
    if (control.find(id).isEmpty()) {
      return Optional.empty();
    }
    return switch (order) {
      case HANG_UP -> Done.where(control.hangUp(id));
      case PAUSE -> Done.where(control.pause(id, true));
      case RESUME -> Done.where(control.pause(id, false));
      case START_RECORDING -> record(id, RecordingOrder.START);
      case PAUSE_RECORDING -> record(id, RecordingOrder.PAUSE);
      case STOP_RECORDING -> record(id, RecordingOrder.STOP);
      case MARK -> {
        CallMark mark = marks.set(id, text, control);
        yield Optional.of(new Done(Optional.of(new MarkBody(mark.atMs(), mark.text()))));
      }
    };
  }

  private Optional<Done> record(SessionId id, RecordingOrder order) {
    boolean told = line.get().record(id, order);
    if (!told && line.get().find(id).isPresent()) {
      throw new RefusedRequestException(
          HttpStatus.CONFLICT,
          "Calls of this kind are not recorded",
          Map.of("session_id", id.value()));
    }
    return Done.where(told);
  }

  private ObjectNode answer(JsonNode question) {
    try {
      Optional<Done> done =
          orderHere(
              id(question),
              Order.valueOf(question.required("order").asString()),
              question.required("text").asString());
      ObjectNode answer = empty();
      done.ifPresent(_ -> answer.put("done", true));
      done.flatMap(Done::mark).ifPresent(mark -> answer.set("mark", tree(mark)));
      return answer;
    } catch (RefusedRequestException refused) {
      return empty()
          .put("status", refused.status().value())
          .put("error", String.valueOf(refused.getMessage()));
    }
  }

  private Optional<MarkBody> marked(SessionId id, JsonNode answer) {
    if (answer.has("error")) {
      throw new RefusedRequestException(
          HttpStatus.valueOf(answer.required("status").asInt()),
          answer.required("error").asString(),
          Map.of("session_id", id.value()));
    }
    return Optional.ofNullable(answer.get("mark"))
        .map(mark -> json.treeToValue(mark, MarkBody.class));
  }

  private static boolean says(JsonNode answer) {
    return !answer.isEmpty();
  }

  private static SessionId id(JsonNode question) {
    return new SessionId(question.required("session_id").asString());
  }

  private ObjectNode question(SessionId id) {
    return empty().put("session_id", id.value());
  }

  private ObjectNode empty() {
    return json.createObjectNode();
  }

  private ObjectNode member(String name, Object value) {
    ObjectNode object = empty();
    object.set(name, json.valueToTree(value));
    return object;
  }

  private ObjectNode tree(Object body) {
    return json.valueToTree(body);
  }
}
