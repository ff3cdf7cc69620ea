package org.linescribe.bench.load;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.linescribe.bench.load.ApiLoad.Target;
import tools.jackson.databind.JsonNode;

/** What Asterisk's ExternalMedia sends: RTP to a port that a program has opened. */
final class UnicastRtp {
  private static final long FRAME_NS = 20_000_000;
  private static final int HEADER_BYTES = 12;
  private static final byte VERSION_2 = (byte) 0x80;

  private UnicastRtp() {}

  /**
   * Opens a port, sends all in real time, and closes it.
   *
   * @param format of G.711, by Asterisk's name
   * @param payloadType static, of RFC 3551
   */
  static void call(
      Target target, UUID id, String format, int payloadType, byte[] audio, long startNs)
      throws IOException, InterruptedException {
    URI media = URI.create(target.http("/sessions/" + id + "/media"));
    HttpResponse<String> opened =
        target
            .client()
            .send(
                HttpRequest.newBuilder(media)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"format\":\"" + format + "\"}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    JsonNode leg = Clients.JSON.readTree(opened.body()).at("/legs/0");
    if (!leg.path("port").isNumber()) {
      throw new IOException("no port: " + opened.statusCode() + " " + opened.body());
    }
    InetAddress host = InetAddress.getByName(leg.path("host").asString());
    int ssrc = ThreadLocalRandom.current().nextInt();
    try (DatagramSocket socket = new DatagramSocket()) {
      long dueNs = startNs == 0 ? System.nanoTime() : startNs;
      for (int frame = 0; frame * Speech.FRAME_SAMPLES < audio.length; frame++) {
        dueNs += FRAME_NS;
        Clients.sleepUntil(dueNs);
        int at = frame * Speech.FRAME_SAMPLES;
        int length = Math.min(Speech.FRAME_SAMPLES, audio.length - at);
        ByteBuffer packet =
            ByteBuffer.allocate(HEADER_BYTES + length)
                .put(VERSION_2)
                .put((byte) payloadType)
                .putShort((short) frame)
                .putInt(at)
                .putInt(ssrc)
                .put(audio, at, length);
        socket.send(
            new DatagramPacket(packet.array(), packet.capacity(), host, leg.path("port").asInt()));
      }
    } finally {
      target
          .client()
          .send(
              HttpRequest.newBuilder(media).DELETE().build(),
              HttpResponse.BodyHandlers.discarding());
    }
  }
}
