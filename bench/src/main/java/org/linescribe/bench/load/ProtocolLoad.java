package org.linescribe.bench.load;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Clients of another system's protocol, in real time. */
record ProtocolLoad(Protocol protocol) implements ApiLoad {
  private static final long FRAME_NS = 20_000_000;

  @Override
  public String name() {
    return protocol.word();
  }

  @Override
  public void load(Target target, List<Speech> speeches, Figures figures) throws Exception {
    // Before the clients come: to raise a rate costs more than all that they do.
    Map<Speech, byte[]> encoded = new IdentityHashMap<>();
    for (Speech speech : speeches) {
      encoded.computeIfAbsent(speech, protocol.coding()::of);
    }
    Clients.runAll(
        speeches,
        figures,
        (_, speech) ->
            client(target, speech, Objects.requireNonNull(encoded.get(speech)), figures));
  }

  private void client(Target target, Speech speech, byte[] audio, Figures figures)
      throws Exception {
    UUID id = UUID.randomUUID();
    long startNs = System.nanoTime();
    if (!protocol.isWebSocket()) {
      protocol.call(target, id, audio, startNs, FRAME_NS);
    } else {
      AtomicReference<Progress> progress = new AtomicReference<>();
      Socket socket =
          Socket.open(
              target,
              protocol.path(id.toString()),
              (message, nowNs) -> heard(message, nowNs, progress.get(), figures));
      startNs = System.nanoTime();
      progress.set(new Progress(speech, figures, startNs));
      try {
        protocol.sendAll(socket.webSocket(), audio, startNs, FRAME_NS, figures);
      } catch (CompletionException refused) {
        // The close says why.
        socket.awaitClose(figures);
        return;
      }
      socket.awaitClose(figures);
    }
    Clients.compare(target, id.toString(), speech, figures);
  }

  /** Latencies are those of the protocols whose results have numbers. */
  private static void heard(JsonNode message, long nowNs, @Nullable Progress now, Figures figures) {
    String type = message.path("type").asString("");
    if (type.equalsIgnoreCase("error")) {
      figures.error(message.toString());
    } else if (now != null && message.path("seq").isNumber()) {
      long seq = message.path("seq").asLong();
      String text =
          message
              .path("text")
              .asString(message.at("/channel/alternatives/0/transcript").asString(""));
      if (type.equals("final") || message.path("is_final").asBoolean(false)) {
        now.last(seq, nowNs);
      } else {
        now.partial(text, seq, nowNs);
      }
    }
  }

  /** A client of Deepgram's: it needs no text before its audio. */
  @Override
  public Nuisance.Manners manners(Speech speech) {
    return Nuisance.webSocket(
        Protocol.DEEPGRAM.path("nuisance-" + UUID.randomUUID()),
        List.of(),
        speech.muLaw(),
        Speech.FRAME_SAMPLES,
        FRAME_NS);
  }
}
