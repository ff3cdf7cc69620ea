package org.linescribe.api.openai;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.linescribe.api.audio.AudioSources;
import org.linescribe.api.audio.FileTranscript;
import org.linescribe.api.audio.ProtocolMeters;
import org.linescribe.api.http.EventStreams;
import org.linescribe.api.http.PartEventReader;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.RequestOrigin;
import org.linescribe.api.http.Requests;
import org.linescribe.api.http.ShutdownSignal;
import org.linescribe.api.http.UploadFile;
import org.linescribe.media.format.DecodeException;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.codec.multipart.PartEvent;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /v1/audio/transcriptions}.
 *
 * <p>Thread: event loops read, virtual threads write and transcribe.
 */
record TranscriptionFile(
    AudioSources sources,
    JsonMapper json,
    ProtocolMeters meters,
    ShutdownSignal shutdown,
    Path data) {
  private static final Logger LOG = LoggerFactory.getLogger(TranscriptionFile.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private record Delta(String type, String delta) {}

  private record Done(String type, String text) {}

  Mono<ServerResponse> transcribe(ServerRequest http) {
    return Mono.defer(() -> read(http))
        .onErrorResume(RefusedRequestException.class, this::failure)
        .onErrorResume(
            SessionRefusedException.class, refused -> failure(RefusedRequestException.of(refused)));
  }

  private Mono<ServerResponse> read(ServerRequest http) {
    if (http.headers()
        .contentType()
        .filter(MediaType.MULTIPART_FORM_DATA::equalsTypeAndSubtype)
        .isEmpty()) {
      throw RefusedRequestException.badRequest("expected multipart/form-data with 'file'");
    }
    return sources
        .blockingCalls()
        .call(() -> UploadFile.create(data))
        .flatMap(file -> read(http, file));
  }

  private Mono<ServerResponse> read(ServerRequest http, UploadFile file) {
    TranscriptionForm form = new TranscriptionForm(file, sources.settings().maxFile());
    RequestOrigin origin = RequestOrigin.of(http);
    return PartEventReader.read(
            http.bodyToFlux(PartEvent.class),
            form::add,
            sources.blockingCalls(),
            sources.settings().uploadStall(),
            () -> Requests.hangUp(http))
        .onErrorMap(
            PartEventReader.StalledException.class,
            _ -> new RefusedRequestException(HttpStatus.REQUEST_TIMEOUT, "The upload stalled"))
        .onErrorMap(
            PartEventReader.BrokenException.class,
            _ -> RefusedRequestException.badRequest("The form is malformed or broke off"))
        .then(Mono.defer(() -> answer(form, file, origin)))
        .doOnError(_ -> discard(form, file))
        .doOnCancel(() -> discard(form, file));
  }

  private void discard(TranscriptionForm form, UploadFile file) {
    sources
        .blockingCalls()
        .execute(
            () -> {
              try {
                form.close();
              } catch (IOException e) {
                LOG.debug("closing a discarded upload", e);
              }
              file.delete();
            });
  }

  private Mono<ServerResponse> answer(
      TranscriptionForm form, UploadFile file, RequestOrigin origin) {
    form.check();
    SessionId id =
        form.sessionId().map(Requests::sessionId).orElseGet(sources.sessions()::newSessionId);
    if (form.streams()) {
      return EventStreams.response(events(form, file, id, origin), shutdown);
    }
    return sources
        .blockingCalls()
        .call(() -> transcript(form, file, id, origin, _ -> {}))
        .doFinally(_ -> file.delete())
        .flatMap(
            said ->
                ServerResponse.ok()
                    .contentType(type(form.format()))
                    .header("X-Session-Id", id.value())
                    .bodyValue(TranscriptionBody.of(said, form)));
  }

  private static MediaType type(TranscriptionForm.Format format) {
    return switch (format) {
      case JSON, VERBOSE_JSON -> MediaType.APPLICATION_JSON;
      case TEXT, SRT -> MediaType.parseMediaType("text/plain;charset=UTF-8");
      case VTT -> MediaType.parseMediaType("text/vtt;charset=UTF-8");
    };
  }

  private Flux<String> events(
      TranscriptionForm form, UploadFile file, SessionId id, RequestOrigin origin) {
    AtomicBoolean goesOn = new AtomicBoolean();
    return Flux.create(
        sink ->
            sources
                .blockingCalls()
                .execute(
                    () -> {
                      try {
                        FileTranscript said =
                            transcript(form, file, id, origin, event -> delta(event, goesOn, sink));
                        send(sink, new Done("transcript.text.done", TranscriptionBody.text(said)));
                      } catch (SessionRefusedException refused) {
                        send(sink, body(RefusedRequestException.of(refused)));
                      } catch (RefusedRequestException refused) {
                        send(sink, body(refused));
                      } catch (IOException | RuntimeException bug) {
                        LOG.error("Session {}: a file could not be transcribed", id, bug);
                        send(sink, new OpenAiError.Body(OpenAiError.server("Internal error")));
                      } finally {
                        file.delete();
                        sink.complete();
                      }
                    }));
  }

  /** A final is not changed any more, so that it can be told in parts. */
  private void delta(TranscriptEvent event, AtomicBoolean goesOn, FluxSink<String> sink) {
    if (event instanceof TranscriptEvent.Final(var segment)) {
      send(
          sink,
          new Delta("transcript.text.delta", (goesOn.getAndSet(true) ? " " : "") + segment.text()));
    }
  }

  private void send(FluxSink<String> sink, Object event) {
    sink.next(EventStreams.data(json.writeValueAsString(event)));
  }

  private FileTranscript transcript(
      TranscriptionForm form,
      UploadFile file,
      SessionId id,
      RequestOrigin origin,
      Consumer<TranscriptEvent> events)
      throws IOException, SessionRefusedException {
    meters.opened();
    try {
      return FileTranscript.ofContainer(
          sources,
          file.path(),
          1,
          rateHz ->
              new SourceRequest(
                  id,
                  "openai",
                  origin.owner(),
                  List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, rateHz)),
                  RecognitionRequest.DEFAULT
                      .withModel(form.model().filter(sources.sessions().models()::contains))
                      .withLanguage(form.language()),
                  Map.of(),
                  origin.traceParent()),
          events);
    } catch (DecodeException e) {
      throw FileTranscript.refusal(e);
    } catch (FileTranscript.InterruptedTranscriptException e) {
      throw RefusedRequestException.unavailable("The transcript was interrupted", RETRY_AFTER);
    }
  }

  private static OpenAiError.Body body(RefusedRequestException refused) {
    String words = String.valueOf(refused.getMessage());
    return new OpenAiError.Body(
        refused.status().is5xxServerError()
            ? OpenAiError.server(words)
            : OpenAiError.invalid(
                words, words.contains(":") ? words.substring(0, words.indexOf(':')) : null, null));
  }

  private Mono<ServerResponse> failure(RefusedRequestException refused) {
    meters.refused(refused.status().name().toLowerCase(Locale.ROOT));
    ServerResponse.BodyBuilder response = ServerResponse.status(refused.status());
    refused
        .retryAfter()
        .ifPresent(
            wait -> response.header("Retry-After", Long.toString(Math.max(1, wait.toSeconds()))));
    return response.bodyValue(body(refused));
  }
}
