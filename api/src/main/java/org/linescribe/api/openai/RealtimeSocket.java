package org.linescribe.api.openai;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.AudioSources;
import org.linescribe.api.audio.ProtocolMeters;
import org.linescribe.api.audio.SocketSource;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One client of the transcription session of {@code WS /v1/realtime}.
 *
 * <p>Thread: the peer's event loop; {@link #heard} the session's.
 */
final class RealtimeSocket implements WebSocketReceiver, SocketSource.Client {
  /** Finals of one turn; a client that never ends a turn is closed. */
  private static final int MAX_UNCOMMITTED = 1024;

  private final WebSocketPeer peer;
  private final AudioSources sources;
  private final JsonMapper json;
  private final ProtocolMeters meters;
  private final SessionId id;
  private final RealtimeMessages messages;
  private final SocketSource source;
  private volatile RealtimeSession session;

  /** What came first, until the session is open. */
  private byte @Nullable [] firstAudio;

  /** Under the lock of {@link #turn}: what is told of the utterance that is open. */
  private final Object turn = new Object();

  private String told = "";
  private boolean speaking;
  private @Nullable String previousItem;

  /** Finals since the last commit, where turns are the client's to end. */
  private final List<Segment> uncommitted = new ArrayList<>();

  RealtimeSocket(
      WebSocketPeer peer,
      SessionId id,
      AudioSources sources,
      JsonMapper json,
      ProtocolMeters meters) {
    this.peer = peer;
    this.session = RealtimeSession.initial(peer.request().queryParameter("model"));
    this.sources = sources;
    this.json = json;
    this.meters = meters;
    this.id = id;
    boolean beta =
        peer.request()
            .header("OpenAI-Beta")
            .filter(value -> value.contains("realtime"))
            .isPresent();
    this.messages = new RealtimeMessages(json, id, beta);
    this.source = new SocketSource(peer, this, sources, meters);
  }

  RealtimeSocket start() {
    source.send(messages.session(true, session));
    return this;
  }

  @Override
  public void onText(String text) {
    JsonNode event;
    try {
      event = json.readTree(text);
    } catch (JacksonException notJson) {
      refuseEvent("expected an event in JSON", null, null);
      return;
    }
    String eventId = event.path("event_id").asString(null);
    switch (event.path("type").asString("")) {
      case "session.update", "transcription_session.update" -> update(event, eventId);
      case "input_audio_buffer.append" -> append(event, eventId);
      case "input_audio_buffer.commit" -> commit(eventId);
      case "input_audio_buffer.clear" ->
          refuseEvent(
              "input_audio_buffer.clear: audio is transcribed as it comes and cannot be cleared",
              "type",
              eventId);
      default ->
          refuseEvent(
              "type: expected session.update, input_audio_buffer.append or"
                  + " input_audio_buffer.commit",
              "type",
              eventId);
    }
  }

  private void update(JsonNode event, @Nullable String eventId) {
    RealtimeSession updated;
    try {
      updated = session.updated(event.path("session"));
    } catch (IllegalArgumentException wrong) {
      refuseEvent(String.valueOf(wrong.getMessage()), "session", eventId);
      return;
    }
    if (source.isBegun() && !updated.equals(session)) {
      refuseEvent("session: cannot be changed when its audio has begun", "session", eventId);
      return;
    }
    session = updated;
    source.send(messages.session(false, updated));
  }

  private void append(JsonNode event, @Nullable String eventId) {
    byte[] audio;
    try {
      audio = Base64.getDecoder().decode(event.path("audio").asString(""));
    } catch (IllegalArgumentException notBase64) {
      refuseEvent("audio: expected base64", "audio", eventId);
      return;
    }
    if (source.isBegun()) {
      source.write(audio);
      return;
    }
    firstAudio = audio;
    RealtimeSession agreed = session;
    source.open(
        new SourceRequest(
            id,
            "openai",
            peer.request().owner(),
            List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, agreed.format().legRateHz())),
            RecognitionRequest.DEFAULT
                .withModel(agreed.model().filter(sources.sessions().models()::contains))
                .withLanguage(agreed.language())
                .withEndpointSilence(Optional.of(agreed.silence())),
            Map.of()),
        agreed.format());
  }

  @Override
  public void opened(SessionSource opened) {
    byte[] first = firstAudio;
    firstAudio = null;
    if (first != null) {
      source.write(first);
    }
  }

  private void commit(@Nullable String eventId) {
    if (!source.isBegun()) {
      refuseEvent("input_audio_buffer.commit: the buffer is empty", null, eventId);
      return;
    }
    source.flush(
        to -> {
          if (!session.detectsTurns()) {
            item(to);
          }
        });
  }

  /** What was said since the last commit, as one item. */
  private void item(SessionSource to) {
    synchronized (turn) {
      List<Segment> said = List.copyOf(uncommitted);
      uncommitted.clear();
      // Nothing was said: an item without a number of its own, which the next one will have.
      long seq = said.isEmpty() ? to.current(0).seq() : said.getFirst().seq();
      String text = String.join(" ", said.stream().map(Segment::text).toList());
      complete(seq, text, said.stream().mapToLong(one -> one.endMs() - one.startMs()).sum());
    }
  }

  private void complete(long seq, String text, long ms) {
    source.send(messages.committed(seq, previousItem));
    previousItem = messages.item(seq);
    if (text.startsWith(told) && text.length() > told.length()) {
      source.send(messages.delta(seq, text.substring(told.length())));
    }
    told = "";
    source.send(messages.completed(seq, text, ms / 1000.0));
  }

  @Override
  public void heard(TranscriptEvent event) {
    synchronized (turn) {
      switch (event) {
        case TranscriptEvent.Partial open -> {
          if (session.detectsTurns() && !open.text().isEmpty()) {
            partial(open);
          }
        }
        case TranscriptEvent.Final(Segment segment) -> {
          if (session.detectsTurns()) {
            speechStarted(segment.seq(), segment.startMs());
            speaking = false;
            source.send(messages.speechStopped(segment.seq(), segment.endMs()));
            complete(segment.seq(), segment.text(), segment.endMs() - segment.startMs());
          } else {
            uncommitted.add(segment);
            if (uncommitted.size() > MAX_UNCOMMITTED) {
              uncommitted.clear();
              peer.close(WebSocketClose.TOO_SLOW);
            }
          }
        }
        case TranscriptEvent.Dtmf _, TranscriptEvent.Ended _ -> {}
      }
    }
  }

  /** A delta cannot be taken back: a text that changed otherwise waits for its final. */
  private void partial(TranscriptEvent.Partial open) {
    speechStarted(open.seq(), open.startMs());
    if (open.text().startsWith(told) && open.text().length() > told.length()) {
      source.send(messages.delta(open.seq(), open.text().substring(told.length())));
      told = open.text();
    }
  }

  private void speechStarted(long seq, long atMs) {
    if (!speaking) {
      speaking = true;
      source.send(messages.speechStarted(seq, atMs));
    }
  }

  private void refuseEvent(String words, @Nullable String param, @Nullable String eventId) {
    meters.badMessage();
    source.send(messages.error(OpenAiError.invalid(words, param, eventId)));
  }

  @Override
  public void onBinary(byte[] bytes) {
    refuseEvent("expected events in text messages", null, null);
  }

  @Override
  public void failing(WebSocketClose close) {
    peer.send(
        messages.error(
            close.code() == 1008
                ? OpenAiError.invalid(close.reason(), null, null)
                : OpenAiError.server(close.reason())));
  }

  @Override
  public void onGone() {
    source.gone();
  }
}
