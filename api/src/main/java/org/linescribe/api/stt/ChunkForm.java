package org.linescribe.api.stt;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.media.format.ContainerSignature;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.codec.multipart.FilePartEvent;
import org.springframework.http.codec.multipart.PartEvent;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/**
 * A request of {@code /stt/stream-chunk}: its fields, from the form or from the query, and its
 * audio.
 *
 * @param filename the client's name of the part, lower case; a hint at the format, never a path
 * @param contentType of the part, lower case
 */
record ChunkForm(
    ServerRequest request,
    Map<String, String> fields,
    byte[] audio,
    String filename,
    String contentType) {
  private static final String AUDIO = "audio_chunk";
  private static final int MAX_FIELD_BYTES = 1024;
  private static final int MAX_FIELDS = 32;

  /**
   * Reads a form within the limits of the settings.
   *
   * @param pending counts the bytes that are in memory
   */
  static Mono<ChunkForm> read(
      ServerRequest request, SttSettings settings, PendingChunks.Share pending) {
    MediaType type = request.headers().contentType().orElse(MediaType.ALL);
    if (!MediaType.MULTIPART_FORM_DATA.equalsTypeAndSubtype(type)) {
      return Mono.error(
          refused(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE,
              "Expected multipart/form-data with 'audio_chunk'"));
    }
    return Mono.defer(
        () -> {
          Draft draft = new Draft(settings.maxChunk().toBytes(), pending);
          return request
              .bodyToFlux(PartEvent.class)
              .timeout(settings.finishWithin())
              .doOnNext(draft::add)
              .doOnDiscard(PartEvent.class, event -> DataBufferUtils.release(event.content()))
              .then(Mono.fromSupplier(() -> draft.finish(request)))
              .onErrorMap(
                  TimeoutException.class,
                  stalled -> refused(HttpStatus.REQUEST_TIMEOUT, "The form did not come in time"));
        });
  }

  Optional<String> field(String name) {
    return Optional.ofNullable(fields.get(name)).or(() -> request.queryParam(name));
  }

  boolean isFinal() throws UnusableRequestException {
    return switch (field("is_final_chunk").orElse("").strip().toLowerCase(Locale.ROOT)) {
      case "", "false", "0", "no", "off" -> false;
      case "true", "1", "yes", "on" -> true;
      default -> throw new UnusableRequestException("is_final_chunk: expected true or false");
    };
  }

  /** The format that the client claims, where the first bytes alone may not tell it from PCM. */
  Optional<ContainerFormat> statedFormat() {
    if (filename.endsWith(".mp3") || contentType.matches("audio/(mpeg|mp3)\\b.*")) {
      return Optional.of(ContainerFormat.MP3);
    }
    if (filename.endsWith(".aac") || contentType.matches("audio/aacp?\\b.*")) {
      return Optional.of(ContainerFormat.AAC);
    }
    return Optional.empty();
  }

  boolean beginsContainer() {
    return ContainerSignature.find(audio, audio.length).isPresent();
  }

  private static RefusedRequestException refused(HttpStatus status, String words) {
    return new RefusedRequestException(status, words);
  }

  /** A form in progress. Thread: one at a time. */
  private static final class Draft {
    private final long maxBytes;
    private final PendingChunks.Share pending;
    private final Map<String, String> fields = new HashMap<>();
    private final ByteArrayOutputStream audio = new ByteArrayOutputStream();
    private String filename = "";
    private String contentType = "";

    Draft(long maxBytes, PendingChunks.Share pending) {
      this.maxBytes = maxBytes;
      this.pending = pending;
    }

    void add(PartEvent event) {
      DataBuffer content = event.content();
      try {
        if (event.name().equals(AUDIO)) {
          if (audio.size() + content.readableByteCount() > maxBytes) {
            throw refused(
                HttpStatus.CONTENT_TOO_LARGE, "audio_chunk: at most " + maxBytes + " bytes");
          }
          pending.add(content.readableByteCount());
          byte[] bytes = new byte[content.readableByteCount()];
          content.read(bytes);
          audio.writeBytes(bytes);
          filename =
              event instanceof FilePartEvent file
                  ? file.filename().toLowerCase(Locale.ROOT)
                  : filename;
          MediaType type = event.headers().getContentType();
          contentType = type == null ? contentType : type.toString().toLowerCase(Locale.ROOT);
        } else {
          String before = fields.getOrDefault(event.name(), "");
          if (fields.size() >= MAX_FIELDS
              || before.length() + content.readableByteCount() > MAX_FIELD_BYTES) {
            throw refused(HttpStatus.CONTENT_TOO_LARGE, "The form's fields are too large");
          }
          fields.put(event.name(), before + content.toString(StandardCharsets.UTF_8));
        }
      } finally {
        DataBufferUtils.release(content);
      }
    }

    ChunkForm finish(ServerRequest request) {
      return new ChunkForm(request, fields, audio.toByteArray(), filename, contentType);
    }
  }
}
