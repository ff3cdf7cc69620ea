package org.linescribe.api.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.linescribe.api.ApiServer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** openapi.json or asyncapi.json as the running server gives it, and its schemas. */
public final class Document {
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          registry ->
              registry.schemaRegistryConfig(
                  SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  private final JsonNode root;

  private Document(JsonNode root) {
    this.root = root;
  }

  public static Document of(ApiServer server, String path)
      throws IOException, InterruptedException {
    HttpResponse<String> response = get(server.http(path));
    assertThat(response.statusCode()).isEqualTo(200);
    return new Document(json(response));
  }

  JsonNode root() {
    return root;
  }

  /** The node itself, or what its $ref points to. */
  JsonNode follow(JsonNode node) {
    JsonNode at = node;
    while (at.has("$ref")) {
      String pointer = at.get("$ref").asString();
      assertThat(pointer).startsWith("#/");
      JsonNode found = root.at(pointer.substring(1));
      assertThat(found.isMissingNode()).as("%s points nowhere", pointer).isFalse();
      at = found;
    }
    return at;
  }

  /** What is wrong with a value by a schema of this document; empty when nothing is. */
  List<Error> errors(JsonNode schema, JsonNode value) {
    ObjectNode whole = JsonMapper.shared().createObjectNode();
    whole.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    whole.putArray("allOf").add(schema);
    // The document's references start at its root.
    whole.set("components", root.get("components"));
    return SCHEMAS.getSchema(whole).validate(value);
  }

  void holds(String what, JsonNode schema, JsonNode value) {
    assertThat(errors(schema, value)).as("%s: %s", what, value).isEmpty();
  }

  /** An answer, by the schema that the document has for its route, method and status. */
  public void holds(String method, String template, HttpResponse<String> answer) {
    JsonNode operation = root.get("paths").path(template).path(method);
    assertThat(operation.isMissingNode()).as("%s %s", method, template).isFalse();
    String status = Integer.toString(answer.statusCode());
    JsonNode response = operation.get("responses").path(status);
    assertThat(response.isMissingNode())
        .as("%s %s answered %s: %s", method, template, status, answer.body())
        .isFalse();
    JsonNode found = follow(response);
    String type = answer.headers().firstValue("Content-Type").orElseThrow().split(";")[0];
    JsonNode media = found.path("content").path(type);
    assertThat(media.isMissingNode()).as("%s %s: %s", method, template, type).isFalse();
    if (type.equals("application/json")) {
      holds(method + " " + template + " " + status, media.get("schema"), json(answer));
    } else if (type.equals("text/event-stream")) {
      eventsHold(method + " " + template, media.get("x-event-schema"), answer.body());
    }
    for (Map.Entry<String, JsonNode> header : found.path("headers").properties()) {
      assertThat(answer.headers().firstValue(header.getKey()))
          .as("%s %s %s", method, template, status)
          .isPresent();
    }
  }

  /** The data of server-sent events. */
  void eventsHold(String what, JsonNode schema, String stream) {
    List<JsonNode> events =
        stream
            .lines()
            .filter(line -> line.startsWith("data:"))
            .map(line -> json(line.substring("data:".length())))
            .toList();
    assertThat(events).as(what).isNotEmpty();
    events.forEach(event -> holds(what, schema, event));
  }

  /** A message by those that an AsyncAPI channel says the gateway sends. */
  void messageHolds(String address, JsonNode message) {
    List<String> tried = new ArrayList<>();
    for (JsonNode reference : sent(address)) {
      JsonNode found = follow(reference);
      List<Error> errors = errors(found.get("payload"), message);
      if (errors.isEmpty()) {
        return;
      }
      tried.add(found.path("title").asString() + ": " + errors);
    }
    throw new AssertionError(address + " sent " + message + ", which is none of " + tried);
  }

  private List<JsonNode> sent(String address) {
    Map.Entry<String, JsonNode> channel =
        root.get("channels").properties().stream()
            .filter(entry -> entry.getValue().get("address").asString().equals(address))
            .findFirst()
            .orElseThrow();
    List<JsonNode> messages = new ArrayList<>();
    for (JsonNode operation : root.get("operations").values()) {
      if (operation.get("action").asString().equals("send")
          && operation.at("/channel/$ref").asString().equals("#/channels/" + channel.getKey())) {
        messages.addAll(operation.get("messages").values().stream().toList());
      }
    }
    assertThat(messages).as(address).isNotEmpty();
    return messages;
  }

  /** A node and all below it. */
  Stream<JsonNode> nodes() {
    return nodes(root);
  }

  private static Stream<JsonNode> nodes(JsonNode node) {
    return Stream.concat(Stream.of(node), node.values().stream().flatMap(Document::nodes));
  }
}
