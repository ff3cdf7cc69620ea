package org.linescribe.api.audiosessions;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.api.http.Viewer;
import org.linescribe.api.websocket.WebSocketRoute;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.Sessions;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** The routes of the audio-session document. */
@ApiPackage
class AudioSessionsApi {
  private static final String SESSION = "/api/audio/sessions/{session_id}";

  @Bean
  AudioSessionSettings audioSessionSettings(ConfigurableEnvironment environment) {
    return AudioSessionSettings.of(environment);
  }

  @Bean
  RecordingFolder audioSessionFolder(
      AudioSessionSettings settings,
      ObjectProvider<RecordingFile.Store> store,
      ObjectProvider<StorageSettings> storage) {
    return new RecordingFolder(
        settings.storagePath(),
        store.getIfAvailable(() -> RecordingFile.ON_DISK),
        storage.getIfAvailable(StorageSettings::defaults));
  }

  @Bean
  AudioSessions audioSessions(
      AudioSessionSettings settings,
      @Qualifier("audioSessionFolder") RecordingFolder folder,
      Ffmpeg ffmpeg,
      Sessions sessions,
      BlockingCalls blocking,
      MeterRegistry registry,
      JsonMapper json,
      ObjectProvider<Clock> clock) {
    AudioSessionStates states = new AudioSessionStates(folder, json);
    AudioSessionMeters meters = new AudioSessionMeters(registry);
    Clock now = clock.getIfAvailable(Clock::systemUTC);
    AudioSessionFactory factory =
        new AudioSessionFactory(settings, folder, states, ffmpeg, sessions, meters, now);
    return new AudioSessions(settings, folder, states, factory, blocking, meters, now);
  }

  @Bean
  WebSocketRoute newAudioSession(AudioSessions sessions, BlockingCalls blocking, JsonMapper json) {
    return new WebSocketRoute(
        "/api/ws/audio",
        peer -> {
          AudioConnection connection = new AudioConnection(peer, sessions, blocking, json, true);
          connection.start(
              first ->
                  sessions.create(
                      SessionRequest.of(
                          peer.request().owner(),
                          peer.request()::queryParameter,
                          sessions.settings()),
                      first));
          return connection;
        },
        Optional.of(sessions.settings().maxMessage()));
  }

  @Bean
  WebSocketRoute knownAudioSession(
      AudioSessions sessions, BlockingCalls blocking, JsonMapper json) {
    return new WebSocketRoute(
        "/api/ws/audio/{" + Requests.SESSION_ID + "}",
        peer -> {
          AudioConnection connection = new AudioConnection(peer, sessions, blocking, json, false);
          connection.start(
              further -> {
                SessionRequest.userId(peer.request()::queryParameter);
                return sessions.join(
                    peer.request().pathVariable(Requests.SESSION_ID),
                    peer.request().viewer(),
                    further);
              });
          return connection;
        },
        Optional.of(sessions.settings().maxMessage()));
  }

  @Bean
  RouterFunction<ServerResponse> audioSessionRoutes(
      AudioSessions sessions, BlockingCalls blocking) {
    return RouterFunctions.route()
        .GET(
            "/api/audio/sessions",
            request -> {
              Optional<SessionStatus> status = status(request);
              return blocking
                  .call(() -> sessions.list(status, viewer(request)))
                  .flatMap(AudioSessionsApi::listed);
            })
        .GET(
            SESSION,
            request ->
                blocking
                    .call(
                        () ->
                            sessions
                                .find(id(request), viewer(request))
                                .orElseThrow(() -> notFound(request)))
                    .flatMap(info -> ok(info)))
        .POST(
            SESSION + "/close",
            request ->
                blocking
                    .call(
                        () ->
                            sessions
                                .close(id(request), viewer(request), "http")
                                .orElseThrow(() -> notFound(request)))
                    .flatMap(info -> ok(new Closed(true, "Session closed", info))))
        .build();
  }

  /** The document's answer: success, and the session's last state beside it. */
  record Closed(
      boolean success,
      String message,
      @com.fasterxml.jackson.annotation.JsonUnwrapped AudioSessionInfo session) {}

  private static Mono<ServerResponse> listed(List<AudioSessionInfo> sessions) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("sessions", sessions);
    body.put("count", sessions.size());
    return ok(body);
  }

  private static Mono<ServerResponse> ok(Object body) {
    return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).bodyValue(body);
  }

  private static Viewer viewer(ServerRequest request) {
    return Viewer.of(request.attributes());
  }

  private static String id(ServerRequest request) {
    return request.pathVariable(Requests.SESSION_ID);
  }

  private static RefusedRequestException notFound(ServerRequest request) {
    return new RefusedRequestException(
        HttpStatus.NOT_FOUND, "Session not found", Map.of("session_id", id(request)));
  }

  private static Optional<SessionStatus> status(ServerRequest request) {
    String word = request.queryParam("status").orElse("active");
    if (word.equals("all")) {
      return Optional.empty();
    }
    for (SessionStatus status : SessionStatus.values()) {
      if (status.word().equals(word)) {
        return Optional.of(SessionStatus.valueOf(word.toUpperCase(Locale.ROOT)));
      }
    }
    throw new RefusedRequestException(
        HttpStatus.UNPROCESSABLE_CONTENT,
        "Invalid status",
        Map.of("valid_values", List.of("active", "completed", "error", "all")));
  }
}
