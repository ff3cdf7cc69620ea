package org.linescribe.bench.load;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.linescribe.bench.load.ApiLoad.Target;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.WordErrors;

/**
 * Sends every recording through every protocol, in the encoding and at the rate that the protocol
 * has, and compares what is stored with what {@code /ws/transcribe} has of the same recording:
 * whole texts, and word by word. All ways get what a μ-law line leaves of it. A-law is compared
 * with A-law by {@code /ws/transcribe}; other rates, raised from 8 kHz, also with the same samples
 * by {@code /stt/stream}.
 *
 * <p>Arguments: {@code --model NAME} (the digits), {@code --shortest COUNT} of all, folders of
 * recordings with a manifest.json.
 */
public final class SameWords {
  /** Recordings: most of the time each waits for the end of a session. */
  private static final int AT_ONCE = 4;

  private final Target target;

  private SameWords(Target target) {
    this.target = target;
  }

  private record Recording(String name, Path file, Speech speech) {}

  public static void main(String[] args) throws Exception {
    Path root = Path.of(System.getProperty("linescribe.root", ".")).toAbsolutePath().normalize();
    List<Recording> recordings = new ArrayList<>();
    String model = "telephony-digits-en";
    int shortest = Integer.MAX_VALUE;
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--model" -> model = args[++i];
        case "--shortest" -> shortest = Integer.parseInt(args[++i]);
        default -> {
          for (RecordedCall call : RecordedCall.find(List.of(Path.of(args[i])), null)) {
            recordings.add(
                new Recording(
                    call.name(),
                    call.file(),
                    new Speech(
                        CallAudio.pcm8k(call.file()),
                        List.of(),
                        List.of(String.valueOf(call.words()).split(" ")))));
          }
        }
      }
    }
    recordings.sort(Comparator.comparing(recording -> recording.speech().pcm().length));
    recordings = recordings.subList(0, Math.min(shortest, recordings.size()));
    Path scratch = Files.createTempDirectory("linescribe-same-words");
    int audioSocketPort = freePort();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        GatewayProcess gateway =
            GatewayProcess.start(
                root,
                Files.createDirectory(scratch.resolve("data")),
                scratch.resolve("gateway.log"),
                model,
                2 * AT_ONCE,
                audioSocketPort,
                // All of a recording comes at once; that the recogniser is behind refuses nobody.
                "linescribe.asr.queue-bound=5m",
                "linescribe.asr.saturation-backlog=5m",
                // Streams that are decoded together change each other's last digits.
                "linescribe.asr.max-batch=1")) {
      new SameWords(new Target(http, gateway.http(), audioSocketPort, root, scratch))
          .run(recordings);
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** A way's text of one recording, or of all, beside those of this gateway's own APIs. */
  private static final class Tally {
    private int asTranscribe;
    private int otherWords;
    private int asOwnApi;
  }

  /** What this gateway's own APIs have of a recording. */
  private record References(String pcmu, String pcma, Map<Coding, String> atRate) {
    /** Of {@code /ws/transcribe}. */
    String transcribed(Coding coding) {
      return coding == Coding.A_LAW ? pcma : pcmu;
    }

    /** Of the same samples: {@code /stt/stream} for what G.711 cannot carry. */
    String sameSamples(Coding coding) {
      return atRate.getOrDefault(coding, transcribed(coding));
    }
  }

  private void run(List<Recording> recordings) throws Exception {
    Map<String, Tally> tallies = new LinkedHashMap<>();
    AtomicLong words = new AtomicLong();
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<Map<String, Tally>>> running = new ArrayList<>();
      for (Recording recording : recordings) {
        running.add(threads.submit(() -> compare(recording, words)));
      }
      for (Future<Map<String, Tally>> one : running) {
        one.get()
            .forEach(
                (way, tally) -> {
                  Tally all = tallies.computeIfAbsent(way, _ -> new Tally());
                  all.asTranscribe += tally.asTranscribe;
                  all.otherWords += tally.otherWords;
                  all.asOwnApi += tally.asOwnApi;
                });
      }
    }
    System.out.printf(
        "%d recordings, %d words by /ws/transcribe; load average %s%n",
        recordings.size(), words.get(), LoadRun.loadAverage());
    System.out.println("| way | as /ws/transcribe | words other | as our own API, same samples |");
    System.out.println("|---|---|---|---|");
    tallies.forEach(
        (way, tally) ->
            System.out.printf(
                "| %s | %d of %d | %d | %d of %d |%n",
                way,
                tally.asTranscribe,
                recordings.size(),
                tally.otherWords,
                tally.asOwnApi,
                recordings.size()));
  }

  private Map<String, Tally> compare(Recording recording, AtomicLong words) throws Exception {
    Speech speech = recording.speech();
    Map<Coding, String> atRate = new EnumMap<>(Coding.class);
    for (Coding coding : List.of(Coding.PCM_16K, Coding.PCM_48K)) {
      atRate.put(coding, stream(speech, coding));
    }
    atRate.put(Coding.FLOAT_16K, atRate.get(Coding.PCM_16K));
    // 24 kHz is no rate of /stt/stream's.
    atRate.put(Coding.PCM_24K, atRate.get(Coding.PCM_16K));
    References references =
        new References(
            transcribe(speech, "pcmu", Coding.MU_LAW),
            // The other law rounds otherwise.
            transcribe(speech, "pcma", Coding.A_LAW),
            atRate);
    words.addAndGet(WordErrors.between(references.pcmu(), "").words());
    Map<String, Tally> tallies = new LinkedHashMap<>();
    for (Protocol protocol : Protocol.values()) {
      String text = live(protocol, speech);
      tallies.put(
          protocol.word(), tally(recording, protocol.word(), text, references, protocol.coding()));
    }
    for (String file : List.of("deepgram file", "openai file")) {
      String text = file.startsWith("deepgram") ? deepgramFile(recording) : openAiFile(recording);
      tallies.put(file, tally(recording, file, text, references, Coding.PCM_8K));
    }
    return tallies;
  }

  private static Tally tally(
      Recording recording, String way, String text, References references, Coding coding) {
    String transcribed = references.transcribed(coding);
    Tally tally = new Tally();
    tally.asTranscribe = text.equals(transcribed) ? 1 : 0;
    tally.otherWords = WordErrors.between(transcribed, text).errors();
    tally.asOwnApi = text.equals(references.sameSamples(coding)) ? 1 : 0;
    if (tally.asOwnApi == 0 || tally.asTranscribe == 0) {
      System.out.printf("%s by %s:%n  %s%n  %s%n", recording.name(), way, transcribed, text);
    }
    return tally;
  }

  /** By {@code /stt/stream}. */
  private String stream(Speech speech, Coding coding) throws Exception {
    String id = UUID.randomUUID().toString();
    Socket socket =
        Socket.open(
            target,
            "/stt/stream?sample_rate=" + coding.rateHz() + "&session_id=" + id,
            (_, _) -> {});
    send(socket, coding.of(speech), coding.frameBytes());
    socket.webSocket().sendText("{\"type\":\"end\"}", true).join();
    return text(id);
  }

  private static void send(Socket socket, byte[] audio, int frameBytes) {
    for (int at = 0; at < audio.length; at += frameBytes) {
      int length = Math.min(frameBytes, audio.length - at);
      socket.webSocket().sendBinary(ByteBuffer.wrap(audio, at, length), true).join();
    }
  }

  private String transcribe(Speech speech, String codec, Coding coding) throws Exception {
    String id = UUID.randomUUID().toString();
    Socket socket = Socket.open(target, "/ws/transcribe/" + id + "?codec=" + codec, (_, _) -> {});
    send(socket, coding.of(speech), coding.frameBytes());
    socket.webSocket().sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    return text(id);
  }

  private String live(Protocol protocol, Speech speech) throws Exception {
    UUID id = UUID.randomUUID();
    if (!protocol.isWebSocket()) {
      protocol.call(target, id, protocol.coding().of(speech), 0, 0);
    } else {
      Socket socket = Socket.open(target, protocol.path(id.toString()), (_, _) -> {});
      protocol.sendAll(socket.webSocket(), protocol.coding().of(speech), 0, 0, new Figures());
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
    return Clients.text(target, id, 20);
  }
}
