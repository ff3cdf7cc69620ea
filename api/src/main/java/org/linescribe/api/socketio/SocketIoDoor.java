package org.linescribe.api.socketio;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.linescribe.api.BlockingCalls;
import org.linescribe.api.Door;
import org.linescribe.api.RefusedRequestException;
import org.linescribe.api.WebSocketRoute;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.Sessions;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** The routes of the Socket.IO document, and those that Socket.IO itself wants. */
@Door
@EnableConfigurationProperties(SocketIoSettings.class)
class SocketIoDoor {
  /** How {@code /streaming/force_stop} is told which session: the first that is there. */
  static final String KEY_HEADER = "X-Streaming-Session";

  static final String KEY_COOKIE = "streaming_sid";
  static final String KEY_PARAMETER = "sid";

  /** Clients ask with the slash, hands that write URLs without. */
  private static final String PATH = "/socket.io/";

  private static final String PATH_WITHOUT_SLASH = "/socket.io";

  @Bean
  SocketIoMeters socketIoMeters(MeterRegistry registry) {
    return new SocketIoMeters(registry);
  }

  @Bean
  Recordings socketIoRecordings(
      SocketIoSettings settings,
      Environment environment,
      Sessions sessions,
      Ffmpeg ffmpeg,
      SocketIoMeters meters) {
    Path directory =
        settings.storagePath().isEmpty()
            ? Path.of(environment.getProperty("linescribe.data", "data"), "recordings")
            : Path.of(settings.storagePath());
    return new Recordings(settings, directory, sessions, ffmpeg, meters);
  }

  @Bean
  EngineServer engineServer(
      SocketIoSettings settings,
      Recordings recordings,
      BlockingCalls blocking,
      SocketIoMeters meters,
      JsonMapper json,
      ObjectProvider<EngineTimer> timer) {
    EngineServer[] server = new EngineServer[1];
    server[0] =
        new EngineServer(
            settings,
            blocking,
            meters,
            json,
            timer.getIfAvailable(EngineTimer::started),
            engine -> new SocketClient(engine, server[0], recordings, json));
    return server[0];
  }

  @Bean
  WebSocketRoute socketIoSocket(EngineServer server, BlockingCalls blocking) {
    return socketAt(PATH, server, blocking);
  }

  @Bean
  WebSocketRoute socketIoSocketWithoutSlash(EngineServer server, BlockingCalls blocking) {
    return socketAt(PATH_WITHOUT_SLASH, server, blocking);
  }

  private static WebSocketRoute socketAt(String path, EngineServer server, BlockingCalls blocking) {
    return new WebSocketRoute(
        path,
        peer -> EngineSocket.connected(peer, server, blocking),
        Optional.of(server.settings().maxPayload()),
        true);
  }

  @Bean
  RouterFunction<ServerResponse> socketIoRoutes(
      EngineServer server, Recordings recordings, BlockingCalls blocking) {
    PollingRoutes polling = new PollingRoutes(server, blocking);
    AudioFiles files = new AudioFiles(recordings, blocking);
    return RouterFunctions.route()
        .GET(PATH, polling::get)
        .GET(PATH_WITHOUT_SLASH, polling::get)
        .POST(PATH, polling::post)
        .POST(PATH_WITHOUT_SLASH, polling::post)
        .POST("/streaming/force_stop", request -> forceStop(request, recordings, blocking))
        .GET("/static/audio/{name}", files::serve)
        .route(RequestPredicates.HEAD("/static/audio/{name}"), files::serve)
        .build();
  }

  private static Mono<ServerResponse> forceStop(
      ServerRequest request, Recordings recordings, BlockingCalls blocking) {
    StreamingClient client =
        key(request)
            .flatMap(recordings::find)
            .orElseThrow(() -> RefusedRequestException.badRequest("Invalid streaming key"));
    return blocking
        .callToEnd(
            () ->
                client
                    .forceStop()
                    .orElseThrow(() -> RefusedRequestException.badRequest("Invalid streaming key")))
        .flatMap(
            outcome ->
                switch (outcome) {
                  case SAVED ->
                      ServerResponse.ok()
                          .contentType(MediaType.APPLICATION_JSON)
                          .bodyValue(Map.of("message", "Audio processing complete"));
                  case EMPTY ->
                      Mono.error(RefusedRequestException.badRequest(StreamingClient.EMPTY));
                  case FAILED ->
                      Mono.error(
                          new RefusedRequestException(
                              HttpStatus.INTERNAL_SERVER_ERROR, StreamingClient.FAILED, Map.of()));
                });
  }

  private static Optional<String> key(ServerRequest request) {
    return Optional.ofNullable(request.headers().firstHeader(KEY_HEADER))
        .or(
            () ->
                Optional.ofNullable(request.cookies().getFirst(KEY_COOKIE))
                    .map(HttpCookie::getValue))
        .or(() -> request.queryParam(KEY_PARAMETER));
  }
}
