package org.linescribe.api.socketio;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.audio.FfmpegConfiguration;
import org.linescribe.api.http.HttpConfiguration;
import org.linescribe.api.websocket.WebSocketConfiguration;
import org.linescribe.media.wav.WavReader;
import org.linescribe.testsupport.ProgramRun;

/** This API alone on a real server. */
final class SocketIoServer implements AutoCloseable {
  /** Longer than any machine needs; what is awaited ends the wait. */
  private final FakeSessions transcripts = new FakeSessions();

  private final ApiServer server;
  private final Path folder;

  /** With so much patience that no machine is too slow for it. */
  SocketIoServer(Path folder, Map<String, Object> settings) {
    this(
        folder,
        patient(settings),
        HttpConfiguration.class,
        WebSocketConfiguration.class,
        FfmpegConfiguration.class,
        SocketIoApi.class);
  }

  private SocketIoServer(Path folder, Map<String, Object> settings, Class<?>... classes) {
    this.folder = folder;
    Map<String, Object> all = new LinkedHashMap<>(settings);
    all.put("linescribe.socketio.storage-path", folder.resolve("storage").toString());
    this.server = ApiServer.start(transcripts, all, classes);
  }

  /** As it is by default, but its time is the test's to {@linkplain #pass turn}. */
  static SocketIoServer withManualTime(Path folder, Map<String, Object> settings) {
    return new SocketIoServer(
        folder,
        settings,
        HttpConfiguration.class,
        WebSocketConfiguration.class,
        FfmpegConfiguration.class,
        SocketIoApi.class,
        ManualTime.class);
  }

  private static Map<String, Object> patient(Map<String, Object> settings) {
    Map<String, Object> all = new LinkedHashMap<>(settings);
    for (String bound : List.of("ping-interval", "ping-timeout", "connect-timeout")) {
      all.putIfAbsent("linescribe.socketio." + bound, "5m");
    }
    return all;
  }

  /** Lets time pass, with all that is due in it. */
  void pass(Duration time) {
    server.bean(ManualTime.ManualTimer.class).advance(time);
  }

  /** What the gateway counts now. */
  double clients() {
    return server.bean(MeterRegistry.class).get("linescribe.api.socketio.clients").gauge().value();
  }

  /** WebSockets that are open now, candidates for an upgrade included. */
  double sockets() {
    return server.bean(MeterRegistry.class).get("linescribe.api.websocket.open").gauge().value();
  }

  ApiServer server() {
    return server;
  }

  FakeSessions transcripts() {
    return transcripts;
  }

  Path file(String id) {
    return server.bean(Recordings.class).file(id);
  }

  NodeClient client(Map<String, Object> plan) throws IOException, InterruptedException {
    return new NodeClient(folder, server.http(""), plan);
  }

  /** A recording of a plan's file, stopped and fetched. */
  NodeClient record(byte[] audio, Map<String, Object> plan)
      throws IOException, InterruptedException {
    Map<String, Object> whole = new LinkedHashMap<>(Map.of("then", "stop"));
    whole.putAll(plan);
    whole.put("file", write("audio-" + System.identityHashCode(audio), audio).toString());
    try (NodeClient client = client(whole)) {
      return client.finish();
    }
  }

  Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  ProgramRun curl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("curl", "--silent", "--max-time", "120"));
    command.addAll(List.of(arguments));
    return ProgramRun.of(folder, command);
  }

  /** Status, a blank, and the body. */
  String forceStop(String... how) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of(how));
    arguments.addAll(List.of("-X", "POST", "-w", "\\n%{http_code}"));
    return curl(arguments.toArray(String[]::new)).output().strip();
  }

  /** The audio of a saved file, by a reader of our own. */
  byte[] pcm(String id) throws IOException {
    return pcm(file(id));
  }

  static byte[] pcm(Path wav) throws IOException {
    try (WavReader reader = WavReader.open(wav)) {
      short[] samples = reader.readAll(50_000_000);
      ByteBuffer bytes = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asShortBuffer().put(samples);
      return bytes.array();
    }
  }

  /** Bytes of which no two neighbourhoods are alike, every value among them. */
  static byte[] noise(int length, long seed) {
    byte[] noise = new byte[length];
    new java.util.Random(seed).nextBytes(noise);
    return noise;
  }

  @Override
  public void close() {
    server.close();
  }
}
