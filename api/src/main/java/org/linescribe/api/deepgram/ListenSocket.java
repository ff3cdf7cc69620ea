package org.linescribe.api.deepgram;

import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.linescribe.api.audio.SocketSource;
import org.linescribe.api.transcript.SpokenWord;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.asr.StreamOptions;
import org.linescribe.media.resources.Sha256;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * One client of {@code WS /v1/listen}.
 *
 * <p>Thread: the peer's event loop; {@link #heard} the session's.
 */
final class ListenSocket implements WebSocketReceiver, SocketSource.Client {
  private final WebSocketPeer peer;
  private final ListenRequest request;
  private final ListenApi.Listen api;
  private final SessionId id;
  private final Instant created;
  private final SocketSource source;
  private final Set<String> models;
  private final MessageDigest sha256;

  /** Of each channel: the number of the utterance that has begun, 0 in silence. */
  private final AtomicLongArray speaking;

  private final AtomicLongArray lastFinal;
  private final AtomicInteger finalizing = new AtomicInteger();
  private volatile boolean finalized;

  ListenSocket(WebSocketPeer peer, ListenRequest request, SessionId id, ListenApi.Listen api) {
    this.peer = peer;
    this.request = request;
    this.api = api;
    this.id = id;
    this.created = api.clock().instant();
    this.sha256 = Sha256.digest();
    this.source = new SocketSource(peer, this, api.sources(), api.meters());
    this.models = api.sources().sessions().models();
    this.speaking = new AtomicLongArray(request.legs());
    this.lastFinal = new AtomicLongArray(request.legs());
  }

  /** Thread: the event loop. */
  ListenSocket start() {
    source.open(
        request.source(id, peer.request().owner(), request.format().legRateHz(), models),
        request.format());
    return this;
  }

  @Override
  public void opened(SessionSource opened) {
    // Deepgram says nothing before the first result.
  }

  @Override
  public void onBinary(byte[] bytes) {
    if (bytes.length == 0) {
      // As older clients end a stream.
      closeStream();
      return;
    }
    sha256.update(bytes);
    source.write(bytes);
  }

  @Override
  public void onText(String text) {
    String type;
    try {
      JsonNode message = api.json().readTree(text);
      type = message.path("type").asString("");
    } catch (JacksonException notJson) {
      type = "";
    }
    switch (type) {
      case "KeepAlive" -> source.keepAlive();
      case "Finalize" -> finish();
      case "CloseStream" -> closeStream();
      case "Configure" -> source.send(api.messages().configureFailure(id));
      default -> {
        api.meters().badMessage();
        source.send(
            api.messages()
                .error(
                    "SchemaError",
                    "expected a message of type KeepAlive, Finalize, CloseStream or Configure"));
      }
    }
  }

  private void finish() {
    source.afterAudio(
        to -> {
          finalizing.incrementAndGet();
          finalized = false;
          to.flush()
              .whenComplete(
                  (_, _) -> {
                    finalizing.decrementAndGet();
                    if (!finalized) {
                      source.send(
                          api.messages().nothingToFinalize(id, request.legs(), source.seconds()));
                    }
                  });
        });
  }

  private void closeStream() {
    source.end(
        "CloseStream",
        _ -> {
          source.send(
              api.messages()
                  .metadata(
                      id,
                      HexFormat.of().formatHex(sha256.digest()),
                      created,
                      source.seconds(),
                      request.legs()));
          peer.close(WebSocketClose.NORMAL);
        });
  }

  @Override
  public void heard(TranscriptEvent event) {
    switch (event) {
      case TranscriptEvent.Partial partial -> {
        if (!partial.text().isEmpty()) {
          partial(partial, request.channel(partial.leg()));
        }
      }
      case TranscriptEvent.Final(Segment segment) -> done(segment, request.channel(segment.leg()));
      case TranscriptEvent.Dtmf _, TranscriptEvent.Ended _ -> {}
    }
  }

  private void partial(TranscriptEvent.Partial partial, int channel) {
    begins(channel, partial.seq(), partial.startMs());
    if (request.interimResults()) {
      peer.sendLatest(api.messages().partial(partial, channel, request.legs()));
    }
  }

  private void begins(int channel, long seq, long startMs) {
    // Two channels take their numbers as they end: an open utterance's may grow.
    if (speaking.get(channel) == 0 && request.vadEvents()) {
      source.send(api.messages().speechStarted(channel, request.legs(), startMs));
    }
    speaking.set(channel, seq);
  }

  private void done(Segment segment, int channel) {
    begins(channel, segment.seq(), segment.startMs());
    speaking.set(channel, 0);
    finalized = finalized || finalizing.get() > 0;
    source.send(api.messages().done(segment, channel, request.legs(), finalizing.get() > 0));
    request.utteranceEnd().ifPresent(silence -> scheduleUtteranceEnd(segment, channel, silence));
  }

  /** The silence that ended the utterance has passed already. */
  private void scheduleUtteranceEnd(Segment segment, int channel, Duration silence) {
    Duration passed = request.endpointing().orElse(StreamOptions.DEFAULT_ENDPOINT_SILENCE);
    Duration rest = silence.minus(passed);
    lastFinal.set(channel, segment.seq());
    peer.schedule(
        () -> {
          if (lastFinal.get(channel) == segment.seq()
              && speaking.get(channel) == 0
              && peer.isOpen()) {
            source.send(
                api.messages().utteranceEnd(channel, request.legs(), lastWordEndMs(segment)));
          }
        },
        rest.isNegative() ? Duration.ZERO : rest);
  }

  private static long lastWordEndMs(Segment segment) {
    return Optional.of(SpokenWord.of(segment))
        .filter(words -> !words.isEmpty())
        .map(words -> words.getLast().endMs())
        .orElse(segment.endMs());
  }

  @Override
  public void failing(WebSocketClose close) {
    peer.send(
        api.messages().error(close.code() == 1008 ? "BadRequest" : "ServerError", close.reason()));
  }

  @Override
  public void onGone() {
    source.gone();
  }
}
