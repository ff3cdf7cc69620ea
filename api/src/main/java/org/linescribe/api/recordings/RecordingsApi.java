package org.linescribe.api.recordings;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.linescribe.api.audio.WavDownload;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.session.SessionId;
import org.linescribe.session.recordings.CallRecordings;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Opens {@code /recordings}. */
@ApiPackage
class RecordingsApi {
  private static final int MAX_LIMIT = 1000;
  private static final int DEFAULT_LIMIT = 50;

  /** A recording. */
  record RecordingBody(
      String recordingId, String sessionId, Instant startedAt, Instant modifiedAt, long bytes) {
    static RecordingBody of(CallRecordings.Kept kept) {
      return new RecordingBody(
          kept.id(), kept.sessionId().value(), kept.startedAt(), kept.modified(), kept.bytes());
    }
  }

  record RecordingsBody(List<RecordingBody> recordings) {}

  @Bean
  RouterFunction<ServerResponse> recordingsRoutes(
      ObjectProvider<CallRecordings> recordings, BlockingCalls blockingCalls) {
    return RouterFunctions.route()
        .GET("/recordings", r -> list(r, recordings, blockingCalls))
        .GET("/recordings/{recording_id}", r -> download(r, recordings, blockingCalls))
        .DELETE("/recordings/{recording_id}", r -> delete(r, recordings, blockingCalls))
        .build();
  }

  private static Mono<ServerResponse> list(
      ServerRequest request,
      ObjectProvider<CallRecordings> recordings,
      BlockingCalls blockingCalls) {
    int limit = Math.toIntExact(Requests.number(request, "limit", 1, MAX_LIMIT, DEFAULT_LIMIT));
    Optional<SessionId> session = request.queryParam("session_id").map(Requests::sessionId);
    return blockingCalls
        .call(
            () -> {
              CallRecordings known = recordings.getIfAvailable();
              return known == null ? List.<CallRecordings.Kept>of() : known.list(session, limit);
            })
        .flatMap(
            page ->
                ServerResponse.ok()
                    .bodyValue(new RecordingsBody(page.stream().map(RecordingBody::of).toList())));
  }

  private static Mono<ServerResponse> download(
      ServerRequest request,
      ObjectProvider<CallRecordings> recordings,
      BlockingCalls blockingCalls) {
    String id = request.pathVariable("recording_id");
    return blockingCalls
        .call(
            () -> {
              try {
                CallRecordings known = known(recordings, id);
                return new WavDownload(known.audio(found(known, id)), blockingCalls);
              } catch (NoSuchFileException deletedMeanwhile) {
                throw notFound(id);
              }
            })
        .flatMap(file -> file.serve(request));
  }

  private static Mono<ServerResponse> delete(
      ServerRequest request,
      ObjectProvider<CallRecordings> recordings,
      BlockingCalls blockingCalls) {
    String id = request.pathVariable("recording_id");
    return blockingCalls
        .call(
            () -> {
              CallRecordings known = known(recordings, id);
              known.delete(found(known, id));
              return true;
            })
        .flatMap(done -> ServerResponse.noContent().build());
  }

  private static CallRecordings known(ObjectProvider<CallRecordings> recordings, String id) {
    CallRecordings known = recordings.getIfAvailable();
    if (known == null) {
      throw notFound(id);
    }
    return known;
  }

  private static CallRecordings.Kept found(CallRecordings recordings, String id)
      throws IOException {
    return recordings.find(id).orElseThrow(() -> notFound(id));
  }

  private static RefusedRequestException notFound(String id) {
    return new RefusedRequestException(
        HttpStatus.NOT_FOUND,
        "Recording not found",
        Map.of("recording_id", id.substring(0, Math.min(id.length(), 400))));
  }
}
