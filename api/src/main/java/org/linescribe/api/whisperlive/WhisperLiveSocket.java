package org.linescribe.api.whisperlive;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.AudioSources;
import org.linescribe.api.audio.ProtocolMeters;
import org.linescribe.api.audio.SocketSource;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One client of {@code /whisperlive}.
 *
 * <p>Thread: the peer's event loop; {@link #heard} the session's.
 */
final class WhisperLiveSocket implements WebSocketReceiver, SocketSource.Client {
  private static final byte[] END_OF_AUDIO = "END_OF_AUDIO".getBytes(StandardCharsets.US_ASCII);

  private final WebSocketPeer peer;
  private final AudioSources sources;
  private final JsonMapper json;
  private final WhisperLiveMessages messages;
  private final ProtocolMeters meters;
  private final SocketSource source;

  /** Of the client's first message; its client ignores what has another. */
  private volatile String uid = "";

  private volatile @Nullable WhisperLiveOptions options;

  /** The last completed segments, oldest first. Only the session's thread. */
  private final Deque<WhisperLiveMessages.Segment> completed = new ArrayDeque<>();

  private String language = "";

  WhisperLiveSocket(
      WebSocketPeer peer,
      AudioSources sources,
      JsonMapper json,
      WhisperLiveMessages messages,
      ProtocolMeters meters) {
    this.peer = peer;
    this.sources = sources;
    this.json = json;
    this.messages = messages;
    this.meters = meters;
    this.source = new SocketSource(peer, this, sources, meters);
  }

  @Override
  public void onText(String text) {
    if (source.isBegun()) {
      meters.badMessage();
      return;
    }
    try {
      JsonNode said = json.readTree(text);
      uid = said.path("uid").asString("");
      open(WhisperLiveOptions.of(said, peer.request()::queryParameter));
    } catch (JacksonException notJson) {
      source.badRequest("expected options in JSON");
    } catch (IllegalArgumentException wrong) {
      source.badRequest(String.valueOf(wrong.getMessage()));
    }
  }

  private void open(WhisperLiveOptions asked) {
    options = asked;
    source.open(
        new SourceRequest(
            asked.sessionId(),
            "whisperlive",
            peer.request().owner(),
            List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, asked.format().legRateHz())),
            asked
                .request()
                .withModel(
                    asked
                        .request()
                        .model()
                        .or(() -> asked.model().filter(sources.sessions().models()::contains))),
            Map.of()),
        asked.format());
  }

  @Override
  public void opened(SessionSource opened) {
    source.send(messages.ready(uid));
  }

  @Override
  public void onBinary(byte[] bytes) {
    if (!source.isBegun()) {
      source.badRequest("expected options in JSON before the audio");
    } else if (Arrays.equals(bytes, END_OF_AUDIO)) {
      source.end("END_OF_AUDIO", _ -> peer.close(WebSocketClose.NORMAL));
    } else {
      source.write(bytes);
    }
  }

  @Override
  public void heard(TranscriptEvent event) {
    WhisperLiveOptions asked = options;
    if (asked == null) {
      return;
    }
    switch (event) {
      case TranscriptEvent.Partial open -> {
        if (!open.text().isEmpty()) {
          List<WhisperLiveMessages.Segment> all = new ArrayList<>(completed);
          all.add(WhisperLiveMessages.open(open));
          peer.sendLatest(messages.segments(uid, all));
        }
      }
      case TranscriptEvent.Final(org.linescribe.session.Segment segment) -> {
        if (segment.language().filter(found -> !found.equals(language)).isPresent()) {
          language = segment.language().get();
          source.send(messages.language(uid, language));
        }
        completed.add(WhisperLiveMessages.completed(segment, asked.words()));
        if (completed.size() > asked.lastSegments()) {
          completed.remove();
        }
        source.send(messages.segments(uid, List.copyOf(completed)));
      }
      case TranscriptEvent.Dtmf _, TranscriptEvent.Ended _ -> {}
    }
  }

  @Override
  public void failing(WebSocketClose close) {
    if (close.retryAfter().isPresent()) {
      peer.send(messages.await(uid, close.retryAfter().get()));
    } else if (close.equals(WebSocketClose.of(SourceClosed.IDLE))
        || close.equals(WebSocketClose.of(SourceClosed.TOO_LONG))) {
      peer.send(messages.disconnect(uid));
    } else {
      peer.send(messages.error(uid, close.reason()));
    }
  }

  @Override
  public void onGone() {
    source.gone();
  }
}
