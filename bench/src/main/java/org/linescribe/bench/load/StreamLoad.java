package org.linescribe.bench.load;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** {@code WS /ws/transcribe} with G.711 in frames of 20 ms, and {@code WS /stt/stream} with PCM. */
record StreamLoad(Kind kind) implements ApiLoad {
  /** Which of the two. */
  enum Kind {
    TRANSCRIBE,
    STT
  }

  private static final long FRAME_NS = 20_000_000;

  @Override
  public String name() {
    return kind == Kind.TRANSCRIBE ? "transcribe" : "stt";
  }

  private String path(String id) {
    return kind == Kind.TRANSCRIBE
        ? "/ws/transcribe/" + id + "?codec=pcmu"
        : "/stt/stream?sample_rate=8000&session_id=" + id;
  }

  private int frameBytes() {
    return kind == Kind.TRANSCRIBE ? Speech.FRAME_SAMPLES : 2 * Speech.FRAME_SAMPLES;
  }

  private byte[] bytes(Speech speech) {
    return kind == Kind.TRANSCRIBE ? speech.muLaw() : speech.bytes();
  }

  @Override
  public void load(Target target, List<Speech> speeches, Figures figures) throws Exception {
    Clients.runAll(speeches, figures, (_, speech) -> client(target, speech, figures));
  }

  private void client(Target target, Speech speech, Figures figures) throws Exception {
    String id = name() + "-" + UUID.randomUUID();
    byte[] bytes = bytes(speech);
    AtomicReference<Progress> progress = new AtomicReference<>();
    Socket socket =
        Socket.open(
            target,
            path(id),
            (message, nowNs) -> {
              Progress now = progress.get();
              String type = message.path("type").asString();
              if (type.equals("error")) {
                figures.error(message.path("error").asString());
              } else if (now == null) {
                return;
              } else if (type.equals("final") || message.path("is_final").asBoolean(false)) {
                now.last(message.path("seq").asLong(), nowNs);
              } else if (type.equals("partial") || type.equals("transcription")) {
                now.partial(message.path("text").asString(), message.path("seq").asLong(), nowNs);
              }
            });
    long startNs = System.nanoTime();
    progress.set(new Progress(speech, figures, startNs));
    Clients.pace(socket.webSocket(), bytes, frameBytes(), FRAME_NS, startNs, figures);
    if (kind == Kind.STT) {
      socket.webSocket().sendText("{\"type\":\"end\"}", true).join();
    } else {
      // The last final is on its way while the pause is sent; the close would end the waiting for
      // it.
      TimeUnit.MILLISECONDS.sleep(500);
      socket.webSocket().sendClose(1000, "").join();
    }
    socket.awaitClose(figures);
    Clients.compare(target, id, speech, figures);
  }

  @Override
  public Nuisance.Manners manners(Speech speech) {
    return Nuisance.webSocket(
        path("nuisance-" + UUID.randomUUID()), List.of(), bytes(speech), frameBytes(), FRAME_NS);
  }
}
