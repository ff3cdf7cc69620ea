package org.linescribe.api.deepgram;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.linescribe.api.audio.FileTranscript;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.RequestOrigin;
import org.linescribe.api.http.UploadFile;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.resources.Sha256;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * {@code POST /v1/listen}: the body is a file, the answer its transcript.
 *
 * <p>Thread: event loops read, virtual threads transcribe.
 */
record ListenFile(ListenApi.Listen api, Path data) {
  private static final Logger LOG = LoggerFactory.getLogger(ListenFile.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  /** An error as Deepgram's clients read it. */
  private record Failure(String errCode, String errMsg, String requestId) {}

  Mono<ServerResponse> transcribe(ServerRequest http) {
    SessionId fresh = api.sources().sessions().newSessionId();
    return Mono.defer(() -> read(http, fresh))
        .onErrorResume(RefusedRequestException.class, refused -> failure(refused, fresh))
        .onErrorResume(
            SessionRefusedException.class,
            refused -> failure(RefusedRequestException.of(refused), fresh));
  }

  private Mono<ServerResponse> read(ServerRequest http, SessionId fresh) {
    ListenRequest request;
    try {
      request = ListenRequest.of(http::queryParam);
    } catch (IllegalArgumentException wrong) {
      throw RefusedRequestException.badRequest(String.valueOf(wrong.getMessage()));
    }
    if (http.headers()
        .contentType()
        .filter(MediaType.APPLICATION_JSON::isCompatibleWith)
        .filter(type -> type.isConcrete())
        .isPresent()) {
      throw RefusedRequestException.badRequest(
          "url: this server fetches nothing; send the file as the body");
    }
    SessionId id = request.sessionId().orElse(fresh);
    RequestOrigin origin = RequestOrigin.of(http);
    return UploadFile.ofBody(
            http,
            data,
            api.sources().settings().maxFile(),
            api.sources().settings().uploadStall(),
            api.sources().blockingCalls())
        .flatMap(
            file ->
                api.sources()
                    .blockingCalls()
                    .call(() -> transcript(file, request, id, origin))
                    .doFinally(_ -> file.delete()))
        .flatMap(body -> ServerResponse.ok().bodyValue(body));
  }

  private Map<String, Object> transcript(
      UploadFile file, ListenRequest request, SessionId id, RequestOrigin origin)
      throws IOException, SessionRefusedException {
    Instant created = api.clock().instant();
    api.meters().opened();
    try {
      FileTranscript said =
          request.encoding().isPresent()
              ? FileTranscript.ofRaw(
                  api.sources(),
                  file.path(),
                  request.format(),
                  request.legs(),
                  rateHz -> source(request, id, origin, rateHz),
                  _ -> {})
              : FileTranscript.ofContainer(
                  api.sources(),
                  file.path(),
                  request.legs(),
                  rateHz -> source(request, id, origin, rateHz),
                  _ -> {});
      return ListenMessages.response(id, Sha256.ofFile(file.path()), created, said, request);
    } catch (DecodeException e) {
      throw FileTranscript.refusal(e);
    } catch (FileTranscript.InterruptedTranscriptException e) {
      LOG.info("Session {}: {}", id, e.getMessage());
      throw RefusedRequestException.unavailable("The transcript was interrupted", RETRY_AFTER);
    }
  }

  private SourceRequest source(
      ListenRequest request, SessionId id, RequestOrigin origin, int rateHz) {
    return request
        .source(id, origin.owner(), rateHz, api.sources().sessions().models())
        .inTrace(origin.traceParent());
  }

  private Mono<ServerResponse> failure(RefusedRequestException refused, SessionId id) {
    HttpStatus status = refused.status();
    api.meters().refused(status.name().toLowerCase(Locale.ROOT));
    ServerResponse.BodyBuilder response = ServerResponse.status(status);
    refused
        .retryAfter()
        .ifPresent(
            wait -> response.header("Retry-After", Long.toString(Math.max(1, wait.toSeconds()))));
    return response.bodyValue(
        new Failure(status.name(), String.valueOf(refused.getMessage()), id.value()));
  }
}
