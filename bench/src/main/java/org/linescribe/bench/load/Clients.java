package org.linescribe.bench.load;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.linescribe.bench.load.ApiLoad.Target;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the clients of several APIs have in common. */
final class Clients {
  static final JsonMapper JSON = JsonMapper.builder().build();

  private Clients() {}

  /** One client: its number and what it says. */
  @FunctionalInterface
  interface Client {
    void run(int number, Speech speech) throws Exception;
  }

  /** Each client on a thread of its own; a client that fails is counted and ends alone. */
  static void runAll(List<Speech> speeches, Figures figures, Client client)
      throws InterruptedException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < speeches.size(); i++) {
        int number = i;
        threads.execute(() -> one(number, speeches.get(number), figures, client));
        TimeUnit.NANOSECONDS.sleep(ApiLoad.RAMP.toNanos() / speeches.size());
      }
    }
  }

  private static void one(int number, Speech speech, Figures figures, Client client) {
    try {
      client.run(number, speech);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (Exception failed) {
      Throwable cause = failed.getCause() == null ? failed : failed.getCause();
      figures.error(cause.getClass().getSimpleName() + ": " + cause.getMessage());
    }
  }

  /**
   * Sends bytes as their audio is spoken: each frame when its last sample is.
   *
   * @param startNs when the first frame begins
   */
  static void pace(
      WebSocket socket, byte[] bytes, int frameBytes, long frameNs, long startNs, Figures figures) {
    long lateNs = 0;
    long dueNs = startNs;
    for (int at = 0; at < bytes.length; at += frameBytes) {
      dueNs += frameNs;
      sleepUntil(dueNs);
      int length = Math.min(frameBytes, bytes.length - at);
      socket.sendBinary(ByteBuffer.wrap(bytes, at, length), true).join();
      lateNs = Math.max(lateNs, System.nanoTime() - dueNs);
    }
    figures.latency("latest send", lateNs);
  }

  static void sleepUntil(long dueNs) {
    for (long now = System.nanoTime(); now < dueNs; now = System.nanoTime()) {
      LockSupport.parkNanos(dueNs - now);
    }
  }

  /** Waits for the end of a session and compares what is stored with what was said. */
  static void compare(Target target, String id, Speech said, Figures figures) throws Exception {
    figures.heard(said, text(target, id, 200));
  }

  /**
   * Waits for the end of a session.
   *
   * @param everyMs between two looks
   * @return what is stored of it
   */
  static String text(Target target, String id, int everyMs) throws Exception {
    long giveUpNs = System.nanoTime() + ApiLoad.PATIENCE.toNanos();
    while (json(target, "/sessions/" + id).path("ended_at").asString("").isEmpty()) {
      if (System.nanoTime() > giveUpNs) {
        throw new IOException("session did not end");
      }
      TimeUnit.MILLISECONDS.sleep(everyMs);
    }
    return json(target, "/sessions/" + id + "/segments?from_seq=1")
        .path("segments")
        .valueStream()
        .map(segment -> segment.path("text").asString())
        .collect(Collectors.joining(" "));
  }

  static JsonNode json(Target target, String path) throws Exception {
    HttpResponse<String> answer =
        target
            .client()
            .send(
                HttpRequest.newBuilder(URI.create(target.http(path))).build(),
                HttpResponse.BodyHandlers.ofString());
    return JSON.readTree(answer.body());
  }
}
