package org.linescribe.api.socketio;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.Authenticator;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.DeferredAuthentication;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Viewer;
import org.linescribe.api.socketio.protocol.EngineServer;
import org.linescribe.api.socketio.protocol.EngineSocket;
import org.linescribe.api.socketio.protocol.EngineTimer;
import org.linescribe.api.socketio.protocol.PollingRoutes;
import org.linescribe.api.socketio.protocol.SocketIoMeters;
import org.linescribe.api.websocket.WebSocketRoute;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.Sessions;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
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
@ApiPackage
@EnableConfigurationProperties(SocketIoSettings.class)
class SocketIoApi {
  /** How {@code /streaming/force_stop} is told which session: the first that is there. */
  static final String KEY_HEADER = "X-Streaming-Session";

  static final String KEY_COOKIE = "streaming_sid";
  static final String KEY_PARAMETER = "sid";

  /** Clients ask with the slash, people who write URLs without. */
  private static final String PATH = "/socket.io/";

  private static final String PATH_WITHOUT_SLASH = "/socket.io";

  @Bean
  RecordingFolder socketIoFolder(
      SocketIoSettings settings,
      Environment environment,
      ObjectProvider<RecordingFile.Store> store,
      ObjectProvider<StorageSettings> storage) {
    Path directory =
        settings.storagePath().isEmpty()
            ? Path.of(environment.getProperty("linescribe.data", "data"), "recordings")
            : Path.of(settings.storagePath());
    return new RecordingFolder(
        directory,
        store.getIfAvailable(() -> RecordingFile.ON_DISK),
        storage.getIfAvailable(StorageSettings::defaults));
  }

  @Bean
  Recordings socketIoRecordings(
      SocketIoSettings settings,
      @Qualifier("socketIoFolder") RecordingFolder folder,
      Sessions sessions,
      Ffmpeg ffmpeg,
      MeterRegistry registry) {
    return new Recordings(settings, folder, sessions, ffmpeg, new RecordingMeters(registry));
  }

  @Bean
  EngineServer engineServer(
      SocketIoSettings settings,
      Recordings recordings,
      BlockingCalls blocking,
      MeterRegistry registry,
      JsonMapper json,
      ObjectProvider<Authenticator> authenticator,
      ObjectProvider<EngineTimer> timer) {
    Authenticator access = authenticator.getIfAvailable(() -> Authenticator.OFF);
    return new EngineServer(
        settings.engine(access.isRequired()),
        blocking::execute,
        new SocketIoMeters(registry),
        json,
        timer.getIfAvailable(EngineTimer::started),
        new StreamingNamespace(recordings, settings, access, json));
  }

  /** A client may bring its key in the Socket.IO CONNECT packet. */
  @Bean
  DeferredAuthentication socketIoAuthentication() {
    return new DeferredAuthentication(Set.of(PATH, PATH_WITHOUT_SLASH));
  }

  @Bean
  WebSocketRoute socketIoSocket(EngineServer server, SocketIoSettings settings) {
    return socketAt(PATH, server, settings);
  }

  @Bean
  WebSocketRoute socketIoSocketWithoutSlash(EngineServer server, SocketIoSettings settings) {
    return socketAt(PATH_WITHOUT_SLASH, server, settings);
  }

  private static WebSocketRoute socketAt(
      String path, EngineServer server, SocketIoSettings settings) {
    return new WebSocketRoute(
            path, peer -> EngineSocket.connected(peer, server), Optional.of(settings.maxPayload()))
        .sharingPath();
  }

  @Bean
  RouterFunction<ServerResponse> socketIoRoutes(
      EngineServer server, Recordings recordings, BlockingCalls blocking) {
    PollingRoutes polling = new PollingRoutes(server);
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
            .filter(found -> Viewer.of(request.attributes()).sees(found.owner()))
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
                              HttpStatus.INTERNAL_SERVER_ERROR, StreamingClient.FAILED));
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
