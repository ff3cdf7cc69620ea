package org.linescribe.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.docs.Routes;
import org.linescribe.api.websocket.WebSocketRoute;
import org.springframework.web.reactive.function.server.RouterFunction;

class RouteMethodsTest {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static ApiServer server;
  private static final Map<String, Set<String>> METHODS = new TreeMap<>();

  @BeforeAll
  static void startServer() {
    FakeSessions sessions = new FakeSessions();
    sessions.session("x").ends("one");
    sessions.session("x").ended("bye");
    server = ApiServer.start(sessions, Map.of());
    List<RouterFunction<?>> functions = new ArrayList<>();
    server.beans(RouterFunction.class).forEach(functions::add);
    for (String route : Routes.of(functions)) {
      String path = route.substring(route.indexOf('/')).replaceAll("\\{[^}]*}", "x");
      METHODS
          .computeIfAbsent(path, _ -> new TreeSet<>())
          .add(route.substring(0, route.indexOf(' ')));
    }
    for (WebSocketRoute route : server.beans(WebSocketRoute.class)) {
      String path = route.pathPattern().replaceAll("\\{[^}]*}", "x");
      METHODS.computeIfAbsent(path, _ -> new TreeSet<>()).add("GET");
    }
    METHODS
        .values()
        .forEach(
            methods -> {
              methods.add("OPTIONS");
              if (methods.contains("GET")) {
                methods.add("HEAD");
              }
            });
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static HttpResponse<String> ask(String method, String path)
      throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(server.http(path)))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static Set<String> allow(HttpResponse<?> response) {
    return new TreeSet<>(
        Arrays.asList(response.headers().firstValue("Allow").orElse("").split(", ?")));
  }

  @Test
  void everyRouteAnswersOptionsAndRefusesOtherMethodsWithThoseAllowed() throws Exception {
    for (Map.Entry<String, Set<String>> route : METHODS.entrySet()) {
      HttpResponse<String> options = ask("OPTIONS", route.getKey());
      assertThat(options.statusCode()).as(route.getKey()).isEqualTo(204);
      assertThat(allow(options)).as(route.getKey()).isEqualTo(route.getValue());
      for (String method : List.of("TRACE", "DELETE", "PATCH", "PROPFIND")) {
        if (!route.getValue().contains(method)) {
          HttpResponse<String> refused = ask(method, route.getKey());
          assertThat(refused.statusCode()).as(method + " " + route.getKey()).isEqualTo(405);
          assertThat(allow(refused)).as(method + " " + route.getKey()).isEqualTo(route.getValue());
          assertThat(refused.body()).contains("\"error\"");
        }
      }
    }
  }

  @Test
  void headIsGetWithoutTheBody() throws Exception {
    for (Map.Entry<String, Set<String>> route : METHODS.entrySet()) {
      // A GET of Socket.IO takes what waits, and one of a WebSocket asks for an upgrade.
      boolean safe = !route.getKey().startsWith("/socket.io") && !route.getKey().contains("/ws");
      if (route.getValue().contains("GET") && safe && !route.getKey().equals("/stt/stream")) {
        HttpResponse<String> head = ask("HEAD", route.getKey());
        assertThat(head.statusCode())
            .as(route.getKey())
            .isEqualTo(ask("GET", route.getKey()).statusCode());
        assertThat(head.body()).isEmpty();
      }
    }
  }

  @Test
  void anUnknownPathStaysNotFoundWhateverTheMethod() throws Exception {
    for (String method : List.of("GET", "HEAD", "OPTIONS", "POST", "TRACE")) {
      assertThat(ask(method, "/nowhere").statusCode()).as(method).isEqualTo(404);
    }
  }

  @Test
  void theRootIsTheConsoleBesideTheDocumentation() throws Exception {
    HttpResponse<String> root = ask("GET", "/");
    assertThat(root.statusCode()).isEqualTo(200);
    assertThat(root.body()).contains("<title>LineScribe</title>");
    assertThat(get(server.http("/docs")).statusCode()).isEqualTo(200);
  }

  @Test
  void noActuatorIsServed() throws Exception {
    for (String path : List.of("/actuator", "/actuator/health", "/actuator/env")) {
      assertThat(ask("GET", path).statusCode()).as(path).isEqualTo(404);
    }
  }
}
