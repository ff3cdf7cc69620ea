package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.SipWebSocketSettings;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.NodeClients;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.TestCertificate;
import org.linescribe.testsupport.Tool;

/**
 * JsSIP in Chromium phones the gateway: WSS, ICE, DTLS-SRTP, and a microphone that hears a file.
 */
@NeedsTool({Tool.CHROMIUM, Tool.OPENSSL})
class BrowserCallTest {
  private static final int SECONDS = 8;

  @TempDir Path folder;
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private HttpServer page;
  private SipGateway gateway;

  @BeforeEach
  void start() throws Exception {
    page = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    page.createContext(
        "/",
        exchange -> {
          byte[] html = "<!doctype html><title>phone</title>".getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/html");
          exchange.sendResponseHeaders(200, html.length);
          exchange.getResponseBody().write(html);
          exchange.close();
        });
    page.start();
    TestCertificate certificate = TestCertificate.make(folder, "wss");
    gateway =
        new SipGateway(
            new SipListeners(
                SipSettings.on("127.0.0.1:0"),
                TlsSettings.on(
                    "", certificate.certificate().toString(), certificate.key().toString()),
                new SipWebSocketSettings("", "127.0.0.1:0", List.of(origin()))),
            PatientRtp.settings(),
            CallSettings.defaults(),
            sessions,
            registry,
            Clock.systemUTC());
    gateway.start();
  }

  private String origin() {
    return "http://127.0.0.1:" + page.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    page.stop(0);
    gateway.stop();
  }

  @Test
  void hearsABrowser() throws Exception {
    int port = gateway.address("wss").orElseThrow().getPort();
    Map<String, String> environment = new HashMap<>();
    environment.put("NODE_PATH", NodeClients.modules().toString());
    environment.put("CHROMIUM", Tool.CHROMIUM.path());
    ProgramRun run =
        ProgramRun.of(
            folder,
            List.of(
                "node",
                ProjectFiles.root()
                    .resolve(
                        "gateway/src/test/resources/org/linescribe/gateway/call/browser-call.cjs")
                    .toString(),
                origin(),
                "wss://127.0.0.1:" + port,
                "sip:x@127.0.0.1:" + port,
                ProjectFiles.sipKit().resolve("audio/speech.wav").toString(),
                Integer.toString(SECONDS)),
            environment);

    run.succeeded();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    assertThat(sessions.only().request.attributes()).containsEntry("transport", "wss");
    // Our silence reached it by the pair of addresses that it chose.
    assertThat(run.output()).containsPattern("received [1-9]\\d\\d+\\n");
    Speech.assertPieceHeard(
        "Chromium, " + sessions.only().request.attributes().get("codec"),
        sessions.only().timeline(),
        500);
  }
}
