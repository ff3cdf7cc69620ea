package org.linescribe.api.audiosessions;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.linescribe.api.BlockingCalls;
import org.linescribe.api.Door;
import org.linescribe.api.RefusedRequestException;
import org.linescribe.api.WebSocketRoute;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.Sessions;
import org.springframework.beans.factory.ObjectProvider;
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
@Door
class AudioSessionsDoor {
  private static final String SESSION = "/api/audio/sessions/{session_id}";

  @Bean
  AudioSessionSettings audioSessionSettings(ConfigurableEnvironment environment) {
    return AudioSessionSettings.of(environment);
  }

  @Bean
  AudioSessions audioSessions(
      AudioSessionSettings settings,
      ObjectProvider<AudioFile.Store> store,
      Ffmpeg ffmpeg,
      Sessions sessions,
      BlockingCalls blocking,
      MeterRegistry registry,
      JsonMapper json,
      ObjectProvider<Clock> clock) {
    SessionFiles files =
        new SessionFiles(
            settings.storagePath(), store.getIfAvailable(() -> AudioFile.ON_DISK), json);
    AudioSessionMeters meters = new AudioSessionMeters(registry);
    Clock now = clock.getIfAvailable(Clock::systemUTC);
    AudioSessionFactory factory =
        new AudioSessionFactory(settings, files, ffmpeg, sessions, meters, now);
    return new AudioSessions(settings, files, factory, blocking, meters, now);
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
                      SessionRequest.of(peer::queryParameter, sessions.settings()), first));
          return connection;
        },
        Optional.of(sessions.settings().maxMessage()));
  }

  @Bean
  WebSocketRoute knownAudioSession(
      AudioSessions sessions, BlockingCalls blocking, JsonMapper json) {
    return new WebSocketRoute(
        "/api/ws/audio/{" + WebSocketRoute.SESSION_ID + "}",
        peer -> {
          AudioConnection connection = new AudioConnection(peer, sessions, blocking, json, false);
          connection.start(
              further -> {
                SessionRequest.userId(peer::queryParameter);
                return sessions.join(peer.pathVariable(WebSocketRoute.SESSION_ID), further);
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
              return blocking.call(() -> sessions.list(status)).flatMap(AudioSessionsDoor::listed);
            })
        .GET(
            SESSION,
            request ->
                blocking
                    .call(() -> sessions.find(id(request)).orElseThrow(() -> notFound(request)))
                    .flatMap(info -> ok(info)))
        .POST(
            SESSION + "/close",
            request ->
                blocking
                    .call(
                        () ->
                            sessions
                                .close(id(request), "http")
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

  private static String id(ServerRequest request) {
    return request.pathVariable(WebSocketRoute.SESSION_ID);
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
