package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may call the program, as its operator sets it. */
final class AccessProcessTest {
  /** Of the key "key". */
  private static final String HASH =
      "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";

  @TempDir Path folder;

  private ServeProcess serve(String http, String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("--http", http, "--sip", "127.0.0.1:0", "--rtp-ports", "0"));
    arguments.addAll(List.of(more));
    return ServeProcess.start(folder.resolve("data"), arguments.toArray(String[]::new));
  }

  private static int status(ServeProcess serve, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + serve.http() + "/sessions"));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  @Test
  void anAddressThatOthersReachIsRefusedWithoutAKey() throws Exception {
    try (ServeProcess serve = serve("0.0.0.0:0")) {
      assertThat(serve.exitStatus()).isEqualTo(Linescribe.USAGE);
      assertThat(serve.output())
          .contains("linescribe: cannot start: linescribe.access.keys: none")
          .contains("linescribe.http: 0.0.0.0:0 can be reached from other machines")
          .contains("linescribe keys new")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void aKeyInASettingsFileIsAskedForOnLoopbackToo() throws Exception {
    Path config = folder.resolve("site.yaml");
    Files.writeString(
        config,
        """
        linescribe:
          access:
            keys:
              - name: crm
                sha256: %s
                max-open: 5
        """
            .formatted(HASH));
    try (ServeProcess serve = serve("127.0.0.1:0", "--config", config.toString())) {
      assertThat(serve.isReady()).as(serve.output()).isTrue();
      assertThat(status(serve)).isEqualTo(401);
      assertThat(status(serve, "X-API-Key", "key")).isEqualTo(200);
      assertThat(serve.output()).doesNotContain(HASH);
    }
  }
}
