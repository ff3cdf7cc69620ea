package org.linescribe.bench.load;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.linescribe.bench.load.ApiLoad.Target;
import org.linescribe.media.g711.G711Law;
import tools.jackson.databind.JsonNode;

/**
 * Sends every recording through every protocol and compares the words with those that {@code
 * /ws/transcribe} has of it. Arguments: folders of recordings with a manifest.json.
 */
public final class SameWords {
  private static final int FORMAT_MU_LAW = 7;
  private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(4);

  private final Target target;

  private SameWords(Target target) {
    this.target = target;
  }

  private record Recording(String name, Path file, Speech speech) {}

  public static void main(String[] args) throws Exception {
    Path root = Path.of(System.getProperty("linescribe.root", ".")).toAbsolutePath().normalize();
    List<Recording> recordings = new ArrayList<>();
    for (String folder : args) {
      recordings.addAll(recordings(Path.of(folder)));
    }
    Path scratch = Files.createTempDirectory("linescribe-same-words");
    int audioSocketPort = freePort();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        GatewayProcess gateway =
            GatewayProcess.start(
                root,
                Files.createDirectory(scratch.resolve("data")),
                scratch.resolve("gateway.log"),
                10,
                audioSocketPort)) {
      new SameWords(new Target(http, gateway.http(), audioSocketPort, root, scratch))
          .run(recordings);
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void run(List<Recording> recordings) throws Exception {
    Map<String, Integer> same = new LinkedHashMap<>();
    int words = 0;
    for (Recording recording : recordings) {
      String expected = transcribe(recording.speech());
      words += expected.isEmpty() ? 0 : expected.split(" ").length;
      Map<String, String> heard = new LinkedHashMap<>();
      for (Protocol protocol : Protocol.values()) {
        heard.put(protocol.word(), live(protocol, recording.speech()));
      }
      heard.put("deepgram file", deepgramFile(recording));
      heard.put("openai file", openAiFile(recording));
      heard.forEach(
          (protocol, text) -> {
            same.merge(protocol, text.equals(expected) ? 1 : 0, Integer::sum);
            if (!text.equals(expected)) {
              System.out.printf(
                  "%s by %s:%n  %s%n  %s%n", recording.name(), protocol, expected, text);
            }
          });
    }
    System.out.printf("%d recordings, %d words by /ws/transcribe%n", recordings.size(), words);
    same.forEach(
        (protocol, count) ->
            System.out.printf("%-14s %d of %d the same%n", protocol, count, recordings.size()));
  }

  private String transcribe(Speech speech) throws Exception {
    String id = UUID.randomUUID().toString();
    AtomicLong lastMessageNs = new AtomicLong();
    Socket socket =
        Socket.open(
            target, "/ws/transcribe/" + id + "?codec=pcmu", (_, nowNs) -> lastMessageNs.set(nowNs));
    byte[] muLaw = speech.muLaw();
    lastMessageNs.set(System.nanoTime());
    for (int at = 0; at < muLaw.length; at += Protocol.FRAME_SAMPLES) {
      int length = Math.min(Protocol.FRAME_SAMPLES, muLaw.length - at);
      socket.webSocket().sendBinary(ByteBuffer.wrap(muLaw, at, length), true).join();
    }
    // A close overtakes what the gateway has not read yet; its stall timer ends the last utterance.
    awaitQuiet(lastMessageNs);
    socket.webSocket().sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    return text(id);
  }

  private static void awaitQuiet(AtomicLong lastMessageNs) throws InterruptedException {
    while (System.nanoTime() - lastMessageNs.get() < QUIET_NS) {
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private String live(Protocol protocol, Speech speech) throws Exception {
    UUID id = UUID.randomUUID();
    if (protocol == Protocol.AUDIOSOCKET) {
      Protocol.audioSocket(target, id, speech, 0, 0);
    } else {
      AtomicLong lastMessageNs = new AtomicLong(System.nanoTime());
      Socket socket =
          Socket.open(target, protocol.path(id.toString()), (_, nowNs) -> lastMessageNs.set(nowNs));
      protocol.sendAudio(socket.webSocket(), speech, 0, 0, new Figures());
      if (protocol == Protocol.OPENAI) {
        awaitQuiet(lastMessageNs);
      }
      protocol.end(socket.webSocket());
    }
    return text(id.toString());
  }

  private String deepgramFile(Recording recording) throws Exception {
    String id = UUID.randomUUID().toString();
    post(
        "/v1/listen?session_id=" + id,
        "application/octet-stream",
        HttpRequest.BodyPublishers.ofFile(recording.file()));
    return text(id);
  }

  private String openAiFile(Recording recording) throws Exception {
    String id = UUID.randomUUID().toString();
    String head =
        "--x\r\nContent-Disposition: form-data; name=\"session_id\"\r\n\r\n"
            + id
            + "\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
            + "Content-Type: audio/wav\r\n\r\n";
    post(
        "/v1/audio/transcriptions",
        "multipart/form-data; boundary=x",
        HttpRequest.BodyPublishers.concat(
            HttpRequest.BodyPublishers.ofString(head),
            HttpRequest.BodyPublishers.ofFile(recording.file()),
            HttpRequest.BodyPublishers.ofString("\r\n--x--\r\n")));
    return text(id);
  }

  private void post(String path, String type, HttpRequest.BodyPublisher body) throws Exception {
    HttpResponse<String> answer =
        target
            .client()
            .send(
                HttpRequest.newBuilder(URI.create(target.http(path)))
                    .header("Content-Type", type)
                    .POST(body)
                    .build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    if (answer.statusCode() != 200) {
      throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
    }
  }

  private String text(String id) throws Exception {
    long giveUpNs = System.nanoTime() + ApiLoad.PATIENCE.toNanos();
    while (Clients.json(target, "/sessions/" + id).path("ended_at").asString("").isEmpty()) {
      if (System.nanoTime() > giveUpNs) {
        throw new IOException("session " + id + " did not end");
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    List<String> texts = new ArrayList<>();
    Clients.json(target, "/sessions/" + id + "/segments?from_seq=1")
        .path("segments")
        .forEach(segment -> texts.add(segment.path("text").asString()));
    return String.join(" ", texts);
  }

  private static List<Recording> recordings(Path folder) throws IOException {
    List<Recording> recordings = new ArrayList<>();
    for (JsonNode entry :
        Clients.JSON.readTree(Files.readString(folder.resolve("manifest.json")))) {
      Path file = folder.resolve(entry.get("file").asString());
      short[] pcm = samples(Files.readAllBytes(file));
      recordings.add(
          new Recording(
              entry.get("file").asString(),
              file,
              new Speech(pcm, List.of(), List.of(entry.get("words").asString().split(" ")))));
    }
    return recordings;
  }

  /** Of a WAV file at 8 kHz, mono, of 16-bit PCM or μ-law. */
  private static short[] samples(byte[] wav) {
    ByteBuffer file = ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN);
    boolean muLaw = false;
    int at = 12;
    while (file.getInt(at) != 0x61746164) {
      if (file.getInt(at) == 0x20746d66) {
        muLaw = file.getShort(at + 8) == FORMAT_MU_LAW;
      }
      at += 8 + file.getInt(at + 4) + (file.getInt(at + 4) & 1);
    }
    int bytes = Math.min(file.getInt(at + 4), wav.length - at - 8);
    short[] pcm = new short[muLaw ? bytes : bytes / 2];
    if (muLaw) {
      G711Law.PCMU.decode(wav, at + 8, bytes, pcm, 0);
    } else {
      file.position(at + 8);
      file.asShortBuffer().get(pcm);
    }
    return pcm;
  }
}
