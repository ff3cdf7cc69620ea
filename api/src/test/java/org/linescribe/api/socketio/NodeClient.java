package org.linescribe.api.socketio;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.linescribe.testsupport.NodeClients;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** socket.io-client from npm, in Node: what it does is planned, what it hears is told. */
public final class NodeClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final List<JsonNode> lines = new CopyOnWriteArrayList<>();
  private final Process process;
  private final Thread reader;

  /**
   * @param plan see client.cjs
   */
  public NodeClient(Path folder, String url, Map<String, Object> plan)
      throws IOException, InterruptedException {
    Path script = folder.resolve("client.cjs");
    if (!Files.exists(script)) {
      try (InputStream source = NodeClient.class.getResourceAsStream("client.cjs")) {
        Files.copy(source, script);
      }
    }
    Map<String, Object> whole = new LinkedHashMap<>(plan);
    whole.put("url", url);
    whole.putIfAbsent("options", Map.of());
    whole.putIfAbsent("chunkBytes", 3200);
    process =
        new ProcessBuilder(
                "node",
                script.toString(),
                NodeClients.modules().toString(),
                JSON.writeValueAsString(whole))
            .redirectErrorStream(true)
            .start();
    reader = Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader output = process.inputReader()) {
      output.lines().forEach(line -> lines.add(JSON.readTree(line)));
    } catch (IOException | UncheckedIOException killed) {
      lines.add(JSON.readTree("{\"killed\": true}"));
    }
  }

  public List<JsonNode> lines() {
    return List.copyOf(lines);
  }

  /** The payloads of an event so far. */
  public List<JsonNode> events(String name) {
    return lines.stream()
        .filter(line -> line.path("event").asString("").equals(name))
        .map(line -> line.path("args").path(0))
        .toList();
  }

  /** The first line with a member, when it is there. */
  public JsonNode awaitLine(String member) {
    await().until(() -> lines.stream().anyMatch(l -> l.has(member)));
    return lines.stream().filter(line -> line.has(member)).findFirst().orElseThrow();
  }

  public JsonNode awaitEvent(String name) {
    await().until(() -> !events(name).isEmpty());
    return events(name).getFirst();
  }

  public void awaitEvents(String name, int count) {
    await().until(() -> events(name).size() >= count);
  }

  /** The socket's id. */
  public String sid() {
    return awaitLine("connect").path("connect").asString();
  }

  /** Waits for the end of the program. */
  public NodeClient finish() throws InterruptedException {
    if (!process.waitFor(150, TimeUnit.SECONDS)) {
      throw new AssertionError("the client still runs; so far " + lines);
    }
    reader.join();
    return this;
  }

  /** Cuts it off in mid air. */
  public void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
