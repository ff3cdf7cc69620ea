package org.linescribe.api.vosk;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.AudioFormat;
import org.linescribe.api.audio.AudioSources;
import org.linescribe.api.audio.ProtocolMeters;
import org.linescribe.api.audio.RecognitionParameters;
import org.linescribe.api.audio.SocketSource;
import org.linescribe.api.transcript.SpokenWord;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One client of {@code /vosk}.
 *
 * <p>Thread: the peer's event loop; {@link #heard} the session's.
 */
final class VoskSocket implements WebSocketReceiver, SocketSource.Client {
  private static final int DEFAULT_RATE_HZ = 8000;

  /** More than that, and the client sends too seldom to be told of them. */
  private static final int MAX_FINALS = 1024;

  private final WebSocketPeer peer;
  private final AudioSources sources;
  private final JsonMapper json;
  private final ProtocolMeters meters;
  private final SocketSource source;

  /** Finals that no answer has carried yet, at most {@link #MAX_FINALS}. */
  private final Deque<Segment> finals = new ArrayDeque<>();

  private String partial = "";
  private int rateHz = DEFAULT_RATE_HZ;
  private boolean words = true;
  private int alternatives;
  private Optional<String> model;
  private Optional<String> sessionId;
  private boolean ended;

  /** What came first, until the session is open. */
  private byte @Nullable [] firstAudio;

  VoskSocket(WebSocketPeer peer, AudioSources sources, JsonMapper json, ProtocolMeters meters) {
    this.peer = peer;
    this.sources = sources;
    this.json = json;
    this.meters = meters;
    this.model = RecognitionParameters.of(peer.request()::queryParameter).model();
    this.sessionId = peer.request().queryParameter("session_id");
    this.source = new SocketSource(peer, this, sources, meters);
  }

  /** A word; times in seconds. Without a confidence where the model gives none. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Word(@Nullable Double conf, double start, double end, String word) {}

  /** A result; the words where they are wanted and the model gives their times. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Result(@Nullable List<Word> result, String text) {}

  @Override
  public void onText(String text) {
    JsonNode message;
    try {
      message = json.readTree(text);
    } catch (JacksonException notJson) {
      meters.badMessage();
      source.badRequest("expected JSON with 'config', 'eof' or 'reset'");
      return;
    }
    if (message.path("config").isObject()) {
      configure(message.get("config"));
    } else if (message.has("eof")) {
      end();
    } else if (message.has("reset")) {
      source.flush(_ -> answerAll());
    } else {
      meters.badMessage();
      source.badRequest("expected JSON with 'config', 'eof' or 'reset'");
    }
  }

  /** As vosk-server, which takes it before the first audio only. */
  private void configure(JsonNode config) {
    for (String notOffered : List.of("phrase_list", "spk_model")) {
      if (config.has(notOffered)) {
        source.badRequest("config: '" + notOffered + "' is not offered by this server");
        return;
      }
    }
    if (config.path("model").isString()) {
      model = Optional.of(config.get("model").asString());
    }
    rateHz = (int) config.path("sample_rate").asDouble(rateHz);
    words = config.path("words").asBoolean(words);
    alternatives = config.path("max_alternatives").asInt(alternatives);
    if (config.path("session_id").isString()) {
      sessionId = Optional.of(config.get("session_id").asString());
    }
  }

  @Override
  public void onBinary(byte[] bytes) {
    if (source.isBegun()) {
      take(bytes);
    } else {
      firstAudio = bytes;
      open();
    }
  }

  private void open() {
    if (sessionId.filter(id -> !SessionId.isValid(id)).isPresent()) {
      source.badRequest("session_id: expected " + SessionId.SYNTAX);
      return;
    }
    AudioFormat format;
    try {
      format = new AudioFormat(AudioFormat.Encoding.CONTAINER, rateHz, 1);
    } catch (IllegalArgumentException wrong) {
      source.badRequest("config: " + wrong.getMessage());
      return;
    }
    source.open(
        new SourceRequest(
            sessionId.map(SessionId::new).orElseGet(sources.sessions()::newSessionId),
            "vosk",
            peer.request().owner(),
            List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, format.legRateHz())),
            RecognitionParameters.of(peer.request()::queryParameter).withModel(model),
            Map.of("sample_rate", Integer.toString(rateHz))),
        format);
  }

  @Override
  public void opened(SessionSource opened) {
    byte[] first = firstAudio;
    firstAudio = null;
    if (first != null) {
      take(first);
    }
    if (ended) {
      endSource();
    }
  }

  private void take(byte[] bytes) {
    source.write(bytes, _ -> answer());
  }

  private void end() {
    ended = true;
    if (source.isBegun()) {
      endSource();
    } else {
      answerAll();
      peer.close(WebSocketClose.NORMAL);
    }
  }

  private void endSource() {
    source.end(
        "eof",
        _ -> {
          answerAll();
          peer.close(WebSocketClose.NORMAL);
        });
  }

  @Override
  public void heard(TranscriptEvent event) {
    synchronized (finals) {
      switch (event) {
        case TranscriptEvent.Partial open -> partial = open.text();
        case TranscriptEvent.Final(Segment segment) -> {
          partial = "";
          finals.add(segment);
          if (finals.size() > MAX_FINALS) {
            finals.clear();
            peer.close(WebSocketClose.TOO_SLOW);
          }
        }
        case TranscriptEvent.Dtmf _, TranscriptEvent.Ended _ -> {}
      }
    }
  }

  /** One message for one: the next result, or what is open. */
  private void answer() {
    Segment done;
    String open;
    synchronized (finals) {
      done = finals.poll();
      open = partial;
    }
    source.send(
        done == null
            ? json.writeValueAsString(Map.of("partial", text(open)))
            : result(List.of(done)));
  }

  /** What no answer has carried yet, in one. */
  private void answerAll() {
    List<Segment> rest;
    synchronized (finals) {
      rest = List.copyOf(finals);
      finals.clear();
    }
    source.send(result(rest));
  }

  private String result(List<Segment> segments) {
    List<Word> timed = new ArrayList<>();
    for (Segment segment : segments) {
      for (SpokenWord word : SpokenWord.of(segment)) {
        timed.add(
            new Word(
                Double.isNaN(word.confidence()) ? null : word.confidence(),
                word.startMs() / 1000.0,
                word.endMs() / 1000.0,
                text(word.text())));
      }
    }
    Result said =
        new Result(
            words && !timed.isEmpty() ? timed : null,
            text(String.join(" ", segments.stream().map(Segment::text).toList())));
    // A client that asks for alternatives finds the only one there is.
    return json.writeValueAsString(alternatives > 0 ? Map.of("alternatives", List.of(said)) : said);
  }

  /** Vosk's models know no capitals. */
  private static String text(String said) {
    return said.toLowerCase(Locale.ROOT);
  }

  @Override
  public void failing(WebSocketClose close) {
    // vosk-server has no message for it; the close says why.
  }

  @Override
  public void onGone() {
    source.gone();
  }
}
