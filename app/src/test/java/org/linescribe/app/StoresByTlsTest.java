package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.FrameClock;
import org.linescribe.testcalls.OpenCall;
import org.linescribe.testcalls.WebSocketCaller;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.TestCertificate;
import org.linescribe.testsupport.Tool;
import org.linescribe.testsupport.servers.OwnMariaDb;
import org.linescribe.testsupport.servers.RedisProcess;

/** A gateway whose database and Redis take nothing but TLS, as its URLs say. */
@NeedsTool({Tool.OPENSSL, Tool.REDIS})
final class StoresByTlsTest {
  private static final String HOST = "127.0.0.1";
  private static final String PASSWORD = "changeit";

  @TempDir Path folder;

  @Test
  void keepsAndSharesACallsWordsByTls() throws Exception {
    TestCertificate made = TestCertificate.make(folder, "stores");
    String key = made.key().toString();
    String certificate = made.certificate().toString();
    Path trusted = trustStore(made);
    Queue<String> published = new ConcurrentLinkedQueue<>();
    try (OwnMariaDb database =
            new OwnMariaDb(
                HOST,
                "--ssl-cert=" + certificate,
                "--ssl-key=" + key,
                "--require-secure-transport=ON");
        RedisProcess redis =
            new RedisProcess(
                HOST,
                folder.resolve("redis"),
                "--tls-cert-file",
                certificate,
                "--tls-key-file",
                key,
                "--tls-ca-cert-file",
                certificate,
                "--tls-auth-clients",
                "no");
        RedisClient observer =
            RedisClient.create(RedisURI.create(redis.url() + "?verifyPeer=NONE"))) {
      assertThatThrownBy(() -> connection(database, "", "DISABLED"))
          .isInstanceOf(SQLException.class);
      // This JVM does not trust who made the certificate, as an attacker's is not trusted.
      assertThatThrownBy(() -> connection(database, "", "VERIFY_IDENTITY"))
          .isInstanceOf(SQLException.class);
      try (RedisNode distrustful = RedisNode.connect(redis.url())) {
        assertThat(distrustful.isReachable()).isFalse();
      }
      try (Connection sql = connection(database, "", "REQUIRED")) {
        sql.createStatement().execute("CREATE DATABASE calls");
      }
      var channels = observer.connectPubSub();
      channels.addListener(
          new RedisPubSubAdapter<>() {
            @Override
            public void message(String pattern, String channel, String message) {
              published.add(channel);
            }
          });
      channels.sync().psubscribe("linescribe:*:events");

      try (ServeProcess gateway =
          ServeProcess.startUnder(
              List.of(
                  "env",
                  "JDK_JAVA_OPTIONS=-Djavax.net.ssl.trustStore="
                      + trusted
                      + " -Djavax.net.ssl.trustStorePassword="
                      + PASSWORD),
              folder.resolve("data"),
              "--http",
              HOST + ":0",
              "--sip",
              HOST + ":0",
              "--rtp-ports",
              "0",
              "--mysql",
              database.url("calls") + "?sslMode=VERIFY_IDENTITY",
              "--set",
              "linescribe.mysql.user=root",
              "--redis",
              redis.url())) {
        assertThat(gateway.isReady()).as(gateway.output()).isTrue();
        say("by-tls", gateway);

        await()
            .atMost(Patience.LIMIT)
            .ignoreExceptions()
            .untilAsserted(
                () -> assertThat(stored(database, "by-tls")).isEqualTo("SIX THREE NINE ZERO"));
        await()
            .atMost(Patience.LIMIT)
            .until(() -> published.contains("linescribe:{by-tls}:events"));
      }
    }
  }

  private Path trustStore(TestCertificate certificate) throws Exception {
    Path file = folder.resolve("trusted.p12");
    try (OutputStream to = Files.newOutputStream(file)) {
      TestCertificate.trusting(certificate).store(to, PASSWORD.toCharArray());
    }
    return file;
  }

  private static void say(String session, ServeProcess gateway) throws Exception {
    CallAudio audio =
        CallAudio.read(HumanRecording.named("pin-jackson-1.wav").file(), G711Law.PCMU);
    try (WebSocketCaller caller =
            new WebSocketCaller("ws://" + gateway.http(), G711Law.PCMU, false, Map.of());
        OpenCall call = caller.open(session)) {
      call.play(audio, FrameClock.system());
    }
  }

  private static Connection connection(OwnMariaDb database, String name, String sslMode)
      throws SQLException {
    return DriverManager.getConnection(
        database.url(name) + "?sslMode=" + sslMode + "&allowPublicKeyRetrieval=true", "root", "");
  }

  private static String stored(OwnMariaDb database, String session) throws SQLException {
    StringBuilder text = new StringBuilder();
    try (Connection sql = connection(database, "calls", "REQUIRED");
        ResultSet rows =
            sql.createStatement()
                .executeQuery(
                    "SELECT text FROM segments WHERE session_id = '"
                        + session
                        + "' ORDER BY seq")) {
      while (rows.next()) {
        text.append(text.isEmpty() ? "" : " ").append(rows.getString(1));
      }
    }
    return text.toString();
  }
}
