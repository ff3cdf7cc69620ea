package org.linescribe.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/**
 * Socket.IO, namespace {@code /streaming}: socket.io-client from npm with its default transports,
 * all clients in one Node process, chunks of 100 ms.
 */
record SocketIoLoad() implements ApiLoad {
  private static final int CHUNK_BYTES = 1600;
  private static final long CHUNK_NS = 100_000_000;

  @Override
  public String name() {
    return "socketio";
  }

  @Override
  public void load(Target target, List<Speech> speeches, Figures figures) throws Exception {
    Path folder = Files.createDirectories(target.root().resolve("bench/target/npm"));
    install(target.root().resolve("api/src/test/npm"), folder);
    Path script = folder.resolve("socketio-load.mjs");
    try (InputStream source = SocketIoLoad.class.getResourceAsStream("socketio-load.mjs")) {
      Files.copy(Objects.requireNonNull(source), script, StandardCopyOption.REPLACE_EXISTING);
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                "node",
                script.toString(),
                target.http(""),
                Long.toString(ApiLoad.RAMP.toMillis()),
                Integer.toString(CHUNK_BYTES)));
    for (int i = 0; i < speeches.size(); i++) {
      Path file = target.scratch().resolve("socketio-" + i + ".pcm");
      Files.write(file, speeches.get(i).bytes());
      command.add(file.toString());
    }
    Process node = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (BufferedReader lines = node.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        told(line, speeches, figures);
      }
    } finally {
      node.destroyForcibly();
    }
  }

  private static void told(String line, List<Speech> speeches, Figures figures) {
    if (!line.startsWith("{")) {
      figures.error(line);
      return;
    }
    JsonNode client = Clients.JSON.readTree(line);
    client.path("errors").forEach(error -> figures.error(error.asString()));
    client.path("acksMs").forEach(ms -> figures.latency("ack", (long) (ms.asDouble() * 1e6)));
    client.path("fileMs").forEach(ms -> figures.latency("file", (long) (ms.asDouble() * 1e6)));
    figures.count("transport " + client.path("transport").asString("none"));
    figures.heard(speeches.get(client.path("number").asInt()), client.path("words").asString());
  }

  /** What the API's tests lock. */
  private static void install(Path locked, Path folder) throws IOException, InterruptedException {
    if (Files.exists(folder.resolve("node_modules/socket.io-client"))) {
      return;
    }
    for (String file : List.of("package.json", "package-lock.json", ".npmrc")) {
      Files.copy(locked.resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    Process npm =
        new ProcessBuilder("npm", "ci", "--ignore-scripts", "--silent")
            .directory(folder.toFile())
            .inheritIO()
            .start();
    if (npm.waitFor() != 0) {
      throw new IOException("npm ci failed in " + folder);
    }
  }

  @Override
  public Nuisance.Manners manners(Speech speech) {
    return Nuisance.webSocket(
        "/socket.io/?EIO=4&transport=websocket",
        List.of(
            "40/streaming,{\"sample_rate\":8000}".getBytes(StandardCharsets.UTF_8),
            // Says that the next binary frame is the chunk.
            "451-/streaming,[\"audio_chunk\",{\"chunk\":{\"_placeholder\":true,\"num\":0}}]"
                .getBytes(StandardCharsets.UTF_8)),
        speech.bytes(),
        CHUNK_BYTES,
        CHUNK_NS);
  }
}
