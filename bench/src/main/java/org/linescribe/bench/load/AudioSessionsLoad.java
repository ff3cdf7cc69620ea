package org.linescribe.bench.load;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@code WS /api/ws/audio}: every second client sends raw PCM, the others MP3, in chunks of 100 ms;
 * each has its chunks acknowledged and its words transcribed.
 */
record AudioSessionsLoad() implements ApiLoad {
  private static final int CHUNK_BYTES = 1600;
  private static final long CHUNK_NS = 100_000_000;
  private static final String QUERY = "/api/ws/audio?sample_rate=8000&transcribe=true";

  @Override
  public String name() {
    return "audio";
  }

  @Override
  public void load(Target target, List<Speech> speeches, Figures figures) throws Exception {
    List<byte[]> encoded = new ArrayList<>();
    for (int i = 0; i < speeches.size(); i++) {
      encoded.add(
          i % 2 == 0
              ? speeches.get(i).bytes()
              // The recordings repeat after twelve, so do the files.
              : i < 12 ? speeches.get(i).mp3(target.scratch()) : encoded.get(i - 12));
    }
    Clients.runAll(
        speeches,
        figures,
        (number, speech) -> client(target, speech, encoded.get(number), number % 2 == 1, figures));
  }

  private static void client(
      Target target, Speech speech, byte[] bytes, boolean mp3, Figures figures) throws Exception {
    Deque<Long> sentNs = new ConcurrentLinkedDeque<>();
    CompletableFuture<String> id = new CompletableFuture<>();
    AtomicBoolean ended = new AtomicBoolean();
    String of = mp3 ? "ack of mp3" : "ack of pcm";
    Socket socket =
        Socket.open(
            target,
            QUERY + (mp3 ? "&format=mp3" : ""),
            (message, nowNs) -> {
              id.complete(message.path("session_id").asString());
              String status = message.path("status").asString();
              if (status.equals("error")) {
                figures.error(message.path("error").asString());
              } else if (message.path("message").asString().startsWith("Chunk processed")) {
                Long sent = sentNs.poll();
                if (sent == null) {
                  figures.error("one acknowledgement too many");
                } else {
                  figures.latency(of, nowNs - sent);
                }
              } else if (status.equals("completed")) {
                ended.set(true);
              }
            });
    int chunkBytes =
        mp3
            ? Math.max(1, (int) ((long) bytes.length * CHUNK_BYTES / (2L * speech.pcm().length)))
            : CHUNK_BYTES;
    long dueNs = System.nanoTime();
    for (int at = 0; at < bytes.length; at += chunkBytes) {
      dueNs += CHUNK_NS;
      Clients.sleepUntil(dueNs);
      sentNs.add(System.nanoTime());
      socket
          .webSocket()
          .sendBinary(
              java.nio.ByteBuffer.wrap(bytes, at, Math.min(chunkBytes, bytes.length - at)), true)
          .join();
    }
    long closingNs = System.nanoTime();
    socket.webSocket().sendText("{\"type\":\"control\",\"action\":\"close_session\"}", true).join();
    socket.awaitClose(figures);
    figures.latency("closed", System.nanoTime() - closingNs);
    if (!ended.get()) {
      figures.error("session not completed");
    }
    if (!sentNs.isEmpty()) {
      figures.error("acknowledgement missing");
    }
    Clients.compare(target, id.get(1, TimeUnit.SECONDS), speech, figures);
  }

  @Override
  public Nuisance.Manners manners(Speech speech) {
    return Nuisance.webSocket(QUERY, List.of(), speech.bytes(), CHUNK_BYTES, CHUNK_NS);
  }
}
