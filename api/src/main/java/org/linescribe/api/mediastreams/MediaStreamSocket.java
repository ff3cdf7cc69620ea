package org.linescribe.api.mediastreams;

import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.RecognitionParameters;
import org.linescribe.api.audio.SocketSource;
import org.linescribe.api.http.Caller;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * One call's stream of a platform.
 *
 * <p>Thread: the peer's event loop; {@link #heard} the session's.
 */
final class MediaStreamSocket implements WebSocketReceiver, SocketSource.Client {
  private static final Duration BUSY_RETRY_AFTER = Duration.ofSeconds(5);
  private static final Duration KEY_WITHIN = Duration.ofSeconds(10);

  private final WebSocketPeer peer;
  private final MediaStreamClients clients;
  private final Optional<SessionId> pathSession;
  private final SocketSource source;
  private final boolean tellsResults;
  private Optional<String> owner;
  private MediaStreamClients.Access access;
  private @Nullable Caller caller;
  private @Nullable StreamStart start;
  private @Nullable TrackClock clock;

  /** Audio that came before any text, until the session is open. */
  private byte @Nullable [] firstAudio;

  MediaStreamSocket(
      WebSocketPeer peer,
      Optional<SessionId> pathSession,
      Optional<String> owner,
      MediaStreamClients.Access access,
      MediaStreamClients clients) {
    this.peer = peer;
    this.pathSession = pathSession;
    this.owner = owner;
    this.access = access;
    this.clients = clients;
    this.source = new SocketSource(peer, this, clients.sources(), clients.meters());
    this.tellsResults = peer.request().queryParameter("results").filter("true"::equals).isPresent();
    peer.schedule(this::requireKey, KEY_WITHIN);
  }

  @Override
  public void onText(String text) {
    JsonNode frame;
    try {
      frame = clients.json().readTree(text);
    } catch (JacksonException notJson) {
      if (!source.isBegun()) {
        // FreeSWITCH sends its operator's metadata, whatever it is.
        begin(
            () ->
                StreamStart.ofText(
                    StreamStart.ofPlainText(text).orElse(null), peer.request()::queryParameter));
      }
      return;
    }
    switch (frame.path("event").asString("")) {
      case "start" -> {
        if (!source.isBegun()) {
          begin(() -> StreamStart.ofFrame(frame));
        }
      }
      case "media" -> media(frame.path("media"));
      case "stop" -> stop();
      // Before the start; while audio goes on; and Vonage's digits.
      case "connected", "mark", "dtmf", "websocket:dtmf", "error" -> {}
      default -> {
        if (!source.isBegun() && frame.isObject()) {
          begin(() -> StreamStart.ofText(frame, peer.request()::queryParameter));
        }
      }
    }
  }

  @Override
  public void onBinary(byte[] bytes) {
    if (!source.isBegun()) {
      begin(() -> StreamStart.ofText(null, peer.request()::queryParameter));
      // What begins the stream is read when the session is open.
      firstAudio = bytes;
      return;
    }
    source.write(bytes);
  }

  /** Reads what a platform says of its stream. */
  private interface Said {
    /**
     * @throws IllegalArgumentException with what is wrong
     */
    StreamStart read();
  }

  private void begin(Said said) {
    StreamStart begun;
    try {
      begun = said.read();
    } catch (IllegalArgumentException wrong) {
      source.badRequest(String.valueOf(wrong.getMessage()));
      return;
    }
    if (access == MediaStreamClients.Access.KEY_TO_COME && !authenticate(begun)) {
      return;
    }
    start = begun;
    SessionId id =
        pathSession
            .or(
                () ->
                    peer.request()
                        .queryParameter("session_id")
                        .filter(SessionId::isValid)
                        .map(SessionId::new))
            .or(begun::sessionId)
            .orElseGet(clients.sources().sessions()::newSessionId);
    SourceRequest request =
        new SourceRequest(
            id,
            "media-stream",
            owner,
            begun.legs(),
            // Nobody could tell the caller, and a call is not lost for it.
            RecognitionParameters.of(
                    name ->
                        Optional.ofNullable(begun.attributes().get(name))
                            .or(() -> peer.request().queryParameter(name)))
                .orElseDefault(),
            begun.attributes());
    if (begun.tracks().isEmpty()) {
      source.open(request, begun.format());
    } else {
      clock = new TrackClock(begun.tracks().size(), begun.format().legRateHz());
      source.openTracks(request, begun.format());
    }
  }

  private void requireKey() {
    if (access == MediaStreamClients.Access.KEY_TO_COME && peer.isOpen()) {
      source.refuse("access", WebSocketClose.badRequest("A key is required"));
    }
  }

  private boolean authenticate(StreamStart begun) {
    try {
      Caller found = clients.authenticator().authenticate(begun.key().orElse(""));
      if (!found.enter()) {
        source.refuse(
            "max-open-per-key",
            WebSocketClose.tryAgain("too much open with this key", BUSY_RETRY_AFTER));
        return false;
      }
      caller = found;
      owner = Optional.of(found.getName());
      access = MediaStreamClients.Access.SHOWN;
      return true;
    } catch (RefusedRequestException no) {
      source.refuse("access", WebSocketClose.badRequest(String.valueOf(no.getMessage())));
      return false;
    }
  }

  private void media(JsonNode media) {
    StreamStart begun = start;
    TrackClock timeline = clock;
    if (begun == null || timeline == null) {
      clients.meters().badMessage();
      return;
    }
    int track = begun.tracks().indexOf(StreamStart.track(media.path("track").asString("inbound")));
    byte[] audio;
    try {
      audio = Base64.getDecoder().decode(media.path("payload").asString(""));
    } catch (IllegalArgumentException notBase64) {
      audio = new byte[0];
    }
    if (track < 0 || audio.length == 0) {
      clients.meters().badMessage();
      return;
    }
    int missing = timeline.missing(track, media.path("timestamp").asLong(-1), System.nanoTime());
    if (missing > 0 && source.skip(track, missing)) {
      timeline.skipped(track, missing);
    }
    source.write(track, audio);
    timeline.wrote(track, (long) audio.length / begun.format().encoding().bytes(), begun.format());
  }

  private void stop() {
    source.end("stop", _ -> peer.close(WebSocketClose.NORMAL));
  }

  @Override
  public void opened(SessionSource opened) {
    byte[] first = firstAudio;
    firstAudio = null;
    if (first != null) {
      source.write(first);
    }
  }

  @Override
  public void heard(TranscriptEvent event) {
    if (!tellsResults) {
      return;
    }
    switch (event) {
      case TranscriptEvent.Partial partial -> peer.sendLatest(clients.transcript().event(partial));
      case TranscriptEvent.Final done -> source.send(clients.transcript().event(done));
      case TranscriptEvent.Dtmf _, TranscriptEvent.Ended _ -> {}
    }
  }

  @Override
  public void failing(WebSocketClose close) {
    // No platform has a message for it; the close says why.
  }

  @Override
  public void onGone() {
    source.gone();
    Caller admitted = caller;
    caller = null;
    if (admitted != null) {
      admitted.leave();
    }
  }
}
