package org.linescribe.api.docs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.linescribe.api.ApiServer;
import org.linescribe.testsupport.Patience;

/** What the tests of the documents ask of a server. */
public final class DocumentedServer {
  private DocumentedServer() {}

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  static Map<String, Object> settings(Path folder, String name) {
    Map<String, Object> settings = new TreeMap<>();
    settings.put("linescribe.audio-sessions.storage-path", folder.resolve(name).toString());
    settings.put("linescribe.socketio.storage-path", folder.resolve(name + "-rec").toString());
    settings.put("linescribe.files.directory", folder.resolve(name + "-uploads").toString());
    return settings;
  }

  /** A whole WAV: one second of a tone, 16 kHz, mono. */
  public static byte[] wav() {
    int samples = 16_000;
    ByteBuffer wav = ByteBuffer.allocate(44 + 2 * samples).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * samples);
    wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    wav.putShort((short) 1).putShort((short) 1).putInt(16_000).putInt(32_000);
    wav.putShort((short) 2).putShort((short) 16);
    wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * samples);
    for (int n = 0; n < samples; n++) {
      wav.putShort((short) (8000 * Math.sin(2 * Math.PI * 440 * n / 16_000)));
    }
    return wav.array();
  }

  static HttpResponse<String> upload(ApiServer to, String path, String part, byte[] file)
      throws IOException, InterruptedException {
    String boundary = "boundary-of-the-test";
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(
        ("--"
                + boundary
                + "\r\nContent-Disposition: form-data; name=\"include_insights\"\r\n\r\ntrue\r\n--"
                + boundary
                + "\r\nContent-Disposition: form-data; name=\""
                + part
                + "\"; filename=\"a.wav\"\r\nContent-Type: application/octet-stream\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(file);
    body.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(to.http(path)))
            .timeout(Patience.LIMIT)
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  static HttpResponse<String> post(ApiServer to, String path)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(to.http(path)))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
