package org.linescribe.api.mediastreams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;
import org.linescribe.session.SourceRequest;

/** Who may stream a call: by a signature, by a key. */
class MediaStreamsAccessTest {
  private static final String TOKEN = "12345";
  private static FakeSessions sessions;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server =
        ApiServer.start(
            sessions,
            Map.of(
                "linescribe.media-streams.auth-token",
                TOKEN,
                "linescribe.access.mode",
                "required",
                "linescribe.access.keys[0].name",
                "crm",
                // The hash of the key "key".
                "linescribe.access.keys[0].sha256",
                "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"));
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static String start(String parameters) {
    return "{\"event\":\"start\",\"start\":{\"tracks\":[\"inbound\"],\"customParameters\":{"
        + parameters
        + "}}}";
  }

  private static Optional<String> owner(String session) {
    await().until(() -> sessions.session(session).request() != null);
    SourceRequest request = sessions.session(session).request();
    return request == null ? Optional.empty() : request.owner();
  }

  /** The vector is of Twilio's own library for Python, 9.13.0. */
  @Test
  void theSignatureIsThatOfTwiliosLibrary() {
    assertThat(TwilioSignature.sign(TOKEN, "wss://voice.example.com/ws/media-streams"))
        .isEqualTo("+zBRSLFC+iReug29BZDUPhv9fRM=");
  }

  @Test
  void aSignedUpgradeNeedsNoKey() {
    String url = server.ws("/ws/media-streams/signed");
    try (WebSocketClient twilio =
        WebSocketClient.connect(
            url,
            upgrade ->
                upgrade.header(
                    "X-Twilio-Signature",
                    TwilioSignature.sign(TOKEN, url.replace("ws://", "wss://"))))) {
      twilio.send(start(""));
      assertThat(owner("signed")).hasValue("twilio");
    }
  }

  @Test
  void aWrongSignatureIsRefused() {
    try (WebSocketClient twilio =
        WebSocketClient.connect(
            server.ws("/ws/media-streams/forged"),
            upgrade -> upgrade.header("X-Twilio-Signature", "AAAA"))) {
      assertThat(twilio.closed().code()).isEqualTo(1008);
      assertThat(twilio.closed().reason()).contains("X-Twilio-Signature");
    }
    assertThat(sessions.session("forged").request()).isNull();
  }

  @Test
  void theKeyMayComeInAParameterAndInTheUpgrade() {
    try (WebSocketClient parameter =
        WebSocketClient.connect(server.ws("/ws/media-streams/parameter"))) {
      parameter.send(start("\"access_token\":\"key\""));
      assertThat(owner("parameter")).hasValue("crm");
    }
    // As jambonz and FreeSWITCH give it: the key is the password.
    try (WebSocketClient basic =
        WebSocketClient.connect(
            server.ws("/ws/media-streams/basic"),
            upgrade -> upgrade.header("Authorization", "Basic dXNlcjprZXk="))) {
      basic.send(start(""));
      assertThat(owner("basic")).hasValue("crm");
    }
  }

  @Test
  void withoutSignatureAndKeyNoSessionOpens() {
    for (String parameters : new String[] {"", "\"access_token\":\"wrong\""}) {
      try (WebSocketClient stranger =
          WebSocketClient.connect(server.ws("/ws/media-streams/stranger"))) {
        stranger.send(start(parameters));
        assertThat(stranger.closed().code()).isEqualTo(1008);
      }
    }
    assertThat(sessions.session("stranger").request()).isNull();
  }
}
