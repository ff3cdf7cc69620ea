package org.linescribe.api.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import tools.jackson.databind.JsonNode;

/** The console's files as a browser gets them, where the APIs ask for a key. */
class ConsoleApiTest {
  private static final Pattern REFERENCE = Pattern.compile("(?:src|href)=\"([^\"]*)\"");

  /** The hash of the key "key". */
  private static final String SHA256 =
      "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";

  @TempDir private static Path folder;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    Map<String, Object> settings = new TreeMap<>();
    settings.put("linescribe.audio-sessions.storage-path", folder.resolve("audio").toString());
    settings.put("linescribe.access.mode", "required");
    settings.put("linescribe.access.keys[0].name", "all");
    settings.put("linescribe.access.keys[0].sha256", SHA256);
    settings.put("linescribe.access.keys[1].name", "reader");
    // Of the key "reader".
    settings.put(
        "linescribe.access.keys[1].sha256",
        "3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30");
    settings.put("linescribe.access.keys[1].scopes[0]", "read");
    server = ApiServer.start(new FakeSessions(), settings);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void pageAndFilesComeWithoutAKeyAndFromHereOnly() throws Exception {
    HttpResponse<String> page = get(server.http("/"));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'")
        .doesNotContain("unsafe", "http:", "https:", "*");
    assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-cache");
    assertThat(page.body())
        .doesNotContain("//")
        .doesNotContain("<script>")
        .doesNotContain("style=");

    List<String> references = new ArrayList<>();
    Matcher matcher = REFERENCE.matcher(page.body());
    while (matcher.find()) {
      references.add(matcher.group(1));
    }
    assertThat(references).hasSizeGreaterThanOrEqualTo(3);
    for (String reference : references) {
      HttpResponse<String> file = get(URI.create(server.http("/")).resolve(reference).toString());
      assertThat(file.statusCode()).as(reference).isEqualTo(200);
      assertThat(file.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(file.headers().firstValue("Cache-Control").orElseThrow()).contains("immutable");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/console/assets/..%2findex.html",
        "/console/assets/%2e%2e%2findex.html",
        "/console/assets/none.js",
        "/console/assets/index.html",
        "/console/assets/",
        "/console/assets/a/b.js"
      })
  void giveNothingElseOut(String path) throws Exception {
    assertThat(get(server.http(path)).statusCode()).isIn(400, 401, 404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/sessions", "/system", "/system/addresses", "/health", "/docs", "/console"})
  void everythingElseStillWantsAKey(String path) throws Exception {
    assertThat(get(server.http(path)).statusCode()).isEqualTo(401);
  }

  @Test
  void anAddressWithAKeySignsTheBrowserIn() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.http("/?access_token=key")))
              .header("Accept", "text/html")
              .build();
      HttpResponse<Void> answer = client.send(request, HttpResponse.BodyHandlers.discarding());
      assertThat(answer.statusCode()).isEqualTo(303);
      assertThat(answer.headers().firstValue("Location")).hasValue("/");
      assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
          .containsIgnoringCase("HttpOnly");
    }
  }

  @Test
  void settingsAndKeysAreForAdministrators() throws Exception {
    assertThat(get(server.http("/system"), "X-API-Key", "reader").statusCode()).isEqualTo(403);
    assertThat(get(server.http("/system/addresses"), "X-API-Key", "reader").statusCode())
        .isEqualTo(200);
    HttpResponse<String> system = get(server.http("/system"), "X-API-Key", "key");
    assertThat(system.body()).doesNotContain(SHA256);
    JsonNode keys = json(system.body()).get("keys");
    assertThat(keys.values().stream().map(key -> key.get("name").asString()))
        .containsExactly("all", "reader");
    assertThat(keys.get(1).get("scopes").values().stream().map(JsonNode::asString))
        .containsExactly("read");
  }
}
