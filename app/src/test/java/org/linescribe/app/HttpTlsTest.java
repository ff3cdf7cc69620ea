package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testcalls.OpenCall;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.TestCertificate;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** HTTPS and WSS of a process, its certificate renewed, and its log lines in JSON. */
@NeedsTool(Tool.OPENSSL)
final class HttpTlsTest {
  @TempDir Path data;
  @TempDir Path files;

  @Test
  void servesByTlsTakesARenewedCertificateAndLogsJson() throws Exception {
    TestCertificate served = TestCertificate.make(files, "first");
    HttpClient first = clientThatTrusts(served);
    try (ServeProcess serve =
        ServeProcess.startOnFreePorts(
            data,
            "--set",
            "linescribe.http-tls.certificate=" + served.certificate(),
            "--set",
            "linescribe.http-tls.key=" + served.key(),
            "--set",
            "linescribe.http-tls.reload-interval=1s",
            "--set",
            "linescribe.log-format=json")) {
      assertThat(serve.isReady()).as(serve.output()).isTrue();
      assertThat(status(first, serve)).isEqualTo(200);
      first
          .newWebSocketBuilder()
          .buildAsync(
              URI.create("wss://" + serve.http() + "/ws/subscribe/x?wait=true"),
              new WebSocket.Listener() {})
          .join()
          .abort();
      assertThatThrownBy(
              () ->
                  HttpClient.newHttpClient()
                      .send(
                          HttpRequest.newBuilder(URI.create("http://" + serve.http() + "/health"))
                              .build(),
                          HttpResponse.BodyHandlers.discarding()))
          .as("without TLS")
          .isInstanceOf(java.io.IOException.class);

      // Of another name than the address that the gateway calls itself by.
      TestCertificate next = TestCertificate.make(files, "second", "DNS:transcripts.example.org");
      X509Certificate renewed = (X509Certificate) next.read();
      HttpClient second =
          HttpClient.newBuilder().sslContext(PinnedCertificate.context(() -> renewed)).build();
      assertThatThrownBy(() -> status(second, serve)).isInstanceOf(SSLException.class);
      Files.move(next.key(), served.key(), StandardCopyOption.REPLACE_EXISTING);
      Files.move(next.certificate(), served.certificate(), StandardCopyOption.REPLACE_EXISTING);
      await()
          .ignoreExceptionsInstanceOf(SSLException.class)
          .until(() -> status(second, serve) == 200);

      JsonNode testCall =
          json(
              second
                  .send(
                      HttpRequest.newBuilder(
                              URI.create("https://" + serve.http() + "/system/test-call"))
                          .POST(HttpRequest.BodyPublishers.noBody())
                          .build(),
                      HttpResponse.BodyHandlers.ofString())
                  .body());
      assertThat(testCall.path("failure").asString("")).isEmpty();
      assertThat(testCall.path("finals").asInt()).isPositive();

      String id = call(serve);
      serve.terminate();
      assertThat(serve.exitStatus()).isEqualTo(143);

      List<JsonNode> lines =
          serve
              .output()
              .lines()
              .filter(line -> line.startsWith("{"))
              .map(HttpTlsTest::json)
              .toList();
      assertThat(lines).anyMatch(line -> line.path("session_id").asString("").equals(id));
      assertThat(serve.output().lines())
          .allMatch(line -> line.startsWith("{") || line.startsWith("ready "));
    }
  }

  private static JsonNode json(String line) {
    return JsonMapper.shared().readTree(line);
  }

  private static int status(HttpClient client, ServeProcess serve) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(URI.create("https://" + serve.http() + "/health")).build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static String call(ServeProcess serve) throws Exception {
    try (SipCaller caller = new SipCaller("sip:test@" + serve.sip(), G711Law.PCMU);
        OpenCall call = caller.open("logged-in-json")) {
      return call.sessionId();
    }
  }

  private static HttpClient clientThatTrusts(TestCertificate certificate) throws Exception {
    return HttpClient.newBuilder().sslContext(TestCertificate.client(null, certificate)).build();
  }
}
