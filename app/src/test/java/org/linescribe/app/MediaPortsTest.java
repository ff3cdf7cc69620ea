package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.HumanRecording;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A program that opens a port by HTTP, and RTP that comes to it, in the whole program. */
final class MediaPortsTest {
  private static final HumanRecording RECORDING = HumanRecording.named("pin-jackson-1.wav");
  private static final int FRAME = 160;

  @TempDir Path data;

  private static void key(List<String> settings, int index, String name, String scopes)
      throws Exception {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
    String prefix = "--linescribe.access.keys[" + index + "].";
    settings.add(prefix + "name=" + name);
    settings.add(prefix + "sha256=" + HexFormat.of().formatHex(hash));
    settings.add(prefix + "scopes=" + scopes);
  }

  private static HttpResponse<String> send(
      TestGateway gateway, String method, String path, String key, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://" + gateway.http() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json")
                .header("X-API-Key", key)
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> response) {
    return JsonMapper.shared().readTree(response.body());
  }

  /** A-law in real time. */
  private static void play(int port, short[] pcm) throws Exception {
    byte[] codes = new byte[pcm.length];
    G711Law.PCMA.encode(pcm, 0, pcm.length, codes, 0);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      long startNs = System.nanoTime();
      for (int n = 0; (n + 1) * FRAME <= codes.length; n++) {
        ByteBuffer packet = ByteBuffer.allocate(12 + FRAME);
        packet.put((byte) 0x80).put((byte) 8).putShort((short) n).putInt(n * FRAME).putInt(4711);
        packet.put(codes, n * FRAME, FRAME);
        socket.send(
            new DatagramPacket(
                packet.array(), packet.capacity(), InetAddress.getLoopbackAddress(), port));
        long dueNs = startNs + (n + 1) * 20_000_000L;
        while (System.nanoTime() - dueNs < 0) {
          LockSupport.parkNanos(dueNs - System.nanoTime());
        }
      }
    }
  }

  @Test
  void aPortOpenedByAKeyBringsASessionOfThatKeyAndEndsByDelete() throws Exception {
    List<String> settings = new ArrayList<>(List.of(TestGateway.UNHURRIED));
    key(settings, 0, "pbx", "read,send");
    key(settings, 1, "reader", "read");
    key(settings, 2, "other", "read,send");
    try (TestGateway gateway = new TestGateway(data, settings.toArray(String[]::new))) {
      String path = "/sessions/external-1/media";
      assertThat(send(gateway, "POST", path, "reader", "{}").statusCode()).isEqualTo(403);
      HttpResponse<String> opened =
          send(gateway, "POST", path, "pbx", "{\"format\": \"alaw\", \"from\": \"127.0.0.1\"}");
      assertThat(opened.statusCode()).as(opened.body()).isEqualTo(201);
      JsonNode leg = json(opened).at("/legs/0");
      assertThat(leg.get("host").asString()).isEqualTo("127.0.0.1");
      assertThat(send(gateway, "POST", path, "other", "{}").statusCode()).isEqualTo(409);
      assertThat(send(gateway, "DELETE", path, "other", "").statusCode()).isEqualTo(404);
      assertThat(send(gateway, "DELETE", path, "reader", "").statusCode()).isEqualTo(403);

      play(leg.get("port").asInt(), RECORDING.pcm());

      JsonNode now = json(send(gateway, "GET", path, "pbx", ""));
      assertThat(now.get("state").asString()).isEqualTo("receiving");
      assertThat(now.at("/legs/0/received_packets").asInt()).isGreaterThan(50);
      assertThat(send(gateway, "GET", "/sessions?live=true", "pbx", "").body())
          .contains("external-1");
      assertThat(send(gateway, "DELETE", path, "pbx", "").statusCode()).isEqualTo(204);
      await()
          .until(
              () -> json(send(gateway, "GET", "/sessions/external-1", "pbx", "")).has("ended_at"));
      JsonNode session = json(send(gateway, "GET", "/sessions/external-1", "pbx", ""));
      assertThat(session.get("kind").asString()).isEqualTo("rtp");
      assertThat(session.get("owner").asString()).isEqualTo("pbx");
      assertThat(session.at("/attributes/codec").asString()).isEqualTo("pcma");
      StringBuilder words = new StringBuilder();
      json(send(gateway, "GET", "/sessions/external-1/segments", "pbx", ""))
          .get("segments")
          .forEach(segment -> words.append(segment.get("text").asString()).append(' '));
      assertThat(RECORDING.errors(words.toString().strip())).isLessThanOrEqualTo(1);
      assertThat(send(gateway, "GET", path, "pbx", "").statusCode()).isEqualTo(404);
    }
  }
}
