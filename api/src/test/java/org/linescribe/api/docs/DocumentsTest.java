package org.linescribe.api.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.websocket.WebSocketRoute;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The documents against the server's routes, and against themselves. */
class DocumentsTest {
  private static final Set<String> METHODS = Set.of("get", "head", "post", "put", "delete");

  @TempDir private static Path folder;
  private static ApiServer server;
  private static Document http;
  private static Document events;

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    server =
        ApiServer.start(
            new FakeSessions(),
            Map.of("linescribe.audio-sessions.storage-path", folder.resolve("audio").toString()));
    http = Document.of(server, "/openapi.json");
    events = Document.of(server, "/asyncapi.json");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static Set<String> documentedRoutes() {
    Set<String> routes = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : http.root().get("paths").properties()) {
      for (String method : path.getValue().propertyNames()) {
        if (METHODS.contains(method)) {
          routes.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
      }
    }
    return routes;
  }

  @Test
  void documentEveryRouteOfTheServerAndNoOther() {
    List<RouterFunction<?>> functions = new ArrayList<>();
    server.beans(RouterFunction.class).forEach(functions::add);
    Set<String> served = Routes.of(functions);

    assertThat(served).contains("GET /sessions/{session_id}", "POST /audio/process");
    Set<String> upgrades =
        server.beans(WebSocketRoute.class).stream()
            .map(route -> "GET " + route.pathPattern())
            .collect(Collectors.toSet());
    Set<String> documented = documentedRoutes();
    // A WebSocket's GET stands beside the other methods of its path; where it has none, in
    // asyncapi.yaml alone.
    documented.removeIf(route -> upgrades.contains(route) && !served.contains(route));
    assertThat(documented).isEqualTo(served);
  }

  @Test
  void documentEveryWebSocketOfTheServerAndNoOther() {
    Set<String> served =
        server.beans(WebSocketRoute.class).stream()
            .map(WebSocketRoute::pathPattern)
            .collect(Collectors.toSet());
    Set<String> documented =
        events.root().get("channels").values().stream()
            .map(channel -> channel.get("address").asString())
            .collect(Collectors.toSet());

    assertThat(served).contains("/ws/transcribe/{session_id}", "/stt/stream");
    assertThat(documented).isEqualTo(served);
  }

  @Test
  void nameEveryPathVariableAndEveryOperationOnce() {
    Set<String> ids = new HashSet<>();
    for (Map.Entry<String, JsonNode> path : http.root().get("paths").properties()) {
      Set<String> named = new TreeSet<>();
      path.getValue().path("parameters").values().stream()
          .map(http::follow)
          .filter(parameter -> parameter.get("in").asString().equals("path"))
          .forEach(parameter -> named.add(parameter.get("name").asString()));
      Set<String> inPath = new TreeSet<>();
      Pattern.compile("\\{([^}]+)}")
          .matcher(path.getKey())
          .results()
          .forEach(match -> inPath.add(match.group(1)));
      assertThat(named).as(path.getKey()).isEqualTo(inPath);
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        if (METHODS.contains(operation.getKey())) {
          String id = operation.getValue().path("operationId").asString("");
          assertThat(id).as(path.getKey()).isNotEmpty();
          assertThat(ids.add(id)).as(id).isTrue();
        }
      }
    }
  }

  @Test
  void pointNowhereThatIsNotThere() {
    for (Document document : List.of(http, events)) {
      assertThat(document.nodes().filter(node -> node.has("$ref")).map(document::follow))
          .hasSizeGreaterThan(50);
    }
  }

  @Test
  void haveExamplesThatTheirSchemasAllow() {
    int[] checked = new int[1];
    http.nodes()
        .filter(node -> node.has("example") || node.has("examples"))
        .forEach(
            node -> {
              for (JsonNode example : examples(node)) {
                checked[0]++;
                if (node.has("x-event-schema")) {
                  http.eventsHold("example", node.get("x-event-schema"), example.asString());
                } else {
                  http.holds("example", node.has("schema") ? node.get("schema") : node, example);
                }
              }
            });
    assertThat(checked[0]).isGreaterThan(40);
  }

  private static List<JsonNode> examples(JsonNode node) {
    if (node.has("example")) {
      return List.of(node.get("example"));
    }
    JsonNode examples = node.get("examples");
    return examples.isArray()
        ? examples.values().stream().toList()
        : examples.values().stream().map(example -> example.get("value")).toList();
  }

  @Test
  void haveMessageExamplesThatTheirSchemasAllow() {
    int checked = 0;
    for (JsonNode message : events.root().at("/components/messages").values()) {
      for (JsonNode example : message.path("examples").values()) {
        events.holds(
            message.get("title").asString(), message.get("payload"), example.get("payload"));
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(20);
  }

  @Test
  void haveSchemasThatRefuseWhatIsWrong() {
    JsonNode partial = events.root().at("/components/schemas/TranscribePartial");
    assertThat(events.errors(partial, json("{\"type\":\"partial\",\"text\":\"x\",\"seq\":0}")))
        .isNotEmpty();
    assertThat(events.errors(partial, json("{\"type\":\"partial\",\"text\":\"x\"}"))).isNotEmpty();
    JsonNode event = http.root().at("/components/schemas/FileEvent");
    assertThat(http.errors(event, json("{\"task_id\":\"t\",\"status\":\"odd\"}"))).isNotEmpty();
    JsonNode session = http.root().at("/components/schemas/SessionId");
    assertThat(http.errors(session, json("\"../x\""))).isNotEmpty();
    assertThat(http.errors(session, json("\"..\""))).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openapi", "asyncapi"})
  void areTheSameInYamlAndJson(String name) throws IOException, InterruptedException {
    var yaml = get(server.http("/" + name + ".yaml"));
    assertThat(yaml.headers().firstValue("Content-Type")).hasValue("application/yaml");
    Object loaded = new Yaml().load(yaml.body());
    JsonNode fromYaml = JsonMapper.shared().valueToTree(loaded);
    assertThat(fromYaml).isEqualTo((name.equals("openapi") ? http : events).root());
  }

  @Test
  void sayWhichVersionsTheyAre() {
    assertThat(http.root().get("openapi").asString()).startsWith("3.1");
    assertThat(events.root().get("asyncapi").asString()).startsWith("3.0");
  }
}
