package org.linescribe.api.openai;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.UploadFile;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpStatus;
import org.springframework.http.codec.multipart.PartEvent;
import org.springframework.util.unit.DataSize;

/**
 * The form of {@code POST /v1/audio/transcriptions}, while it comes.
 *
 * <p>Thread: one at a time.
 */
final class TranscriptionForm {
  /** How the transcript is to be written. */
  enum Format {
    JSON,
    VERBOSE_JSON,
    TEXT,
    SRT,
    VTT;

    static Format of(String name) {
      for (Format format : values()) {
        if (format.name().toLowerCase(Locale.ROOT).equals(name)) {
          return format;
        }
      }
      throw refused(
          "response_format: expected json, verbose_json, text, srt or vtt, not '" + name + "'");
    }
  }

  private static final String FILE = "file";

  /** Names and values of all fields but the file. */
  private static final int MAX_FIELD_BYTES = 64 * 1024;

  /** They would change the answer, and are not offered. */
  private static final List<String> NOT_OFFERED =
      List.of("include", "known_speaker_names", "known_speaker_references");

  private final UploadFile file;
  private final DataSize maxFile;
  private final Map<String, List<StringBuilder>> fields = new HashMap<>();
  private @Nullable OutputStream out;
  private @Nullable String open;
  private long fileBytes;
  private long fieldBytes;
  private boolean fileEnded;

  TranscriptionForm(UploadFile file, DataSize maxFile) {
    this.file = file;
    this.maxFile = maxFile;
  }

  /**
   * @param event borrowed
   */
  void add(PartEvent event) throws IOException {
    if (event.name().equals(FILE)) {
      file(event);
    } else {
      field(event);
    }
  }

  private void file(PartEvent event) throws IOException {
    if (fileEnded) {
      throw refused("file: more than one");
    }
    OutputStream to = out;
    if (to == null) {
      to = file.open();
      out = to;
    }
    fileBytes += event.content().readableByteCount();
    if (fileBytes > maxFile.toBytes()) {
      throw UploadFile.tooLarge(maxFile);
    }
    event.content().asInputStream().transferTo(to);
    if (event.isLast()) {
      fileEnded = true;
      to.close();
    }
  }

  private void field(PartEvent event) {
    DataBuffer content = event.content();
    fieldBytes += event.name().length() + content.readableByteCount();
    if (fieldBytes > MAX_FIELD_BYTES) {
      throw new RefusedRequestException(
          HttpStatus.CONTENT_TOO_LARGE, "The form's fields are too large");
    }
    // Lists come as name[] or as the name again.
    String name = event.name().replaceFirst("\\[\\d*]$", "");
    List<StringBuilder> values = fields.computeIfAbsent(name, _ -> new ArrayList<>());
    if (!name.equals(open)) {
      values.add(new StringBuilder());
    }
    values.getLast().append(content.toString(StandardCharsets.UTF_8));
    open = event.isLast() ? null : name;
  }

  /** Closes the file of a form that broke off. */
  void close() throws IOException {
    OutputStream to = out;
    if (to != null) {
      to.close();
    }
  }

  /** Refuses a form that is not complete or asks for what is not offered. */
  void check() {
    if (fileBytes == 0) {
      throw refused("file: expected an audio file");
    }
    for (String name : NOT_OFFERED) {
      if (fields.containsKey(name)) {
        throw refused(name + ": not offered by this server");
      }
    }
    format();
    streams();
  }

  Format format() {
    return Format.of(value("response_format").orElse("json"));
  }

  boolean streams() {
    String value = value("stream").orElse("false").toLowerCase(Locale.ROOT);
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw refused("stream: expected true or false");
    };
  }

  boolean wantsWords() {
    return fields.getOrDefault("timestamp_granularities", List.of()).stream()
        .anyMatch(value -> value.toString().strip().equals("word"));
  }

  boolean wantsSegments() {
    return !fields.containsKey("timestamp_granularities")
        || fields.get("timestamp_granularities").stream()
            .anyMatch(value -> value.toString().strip().equals("segment"));
  }

  /** One of OpenAI's is ignored. */
  Optional<String> model() {
    return value("model");
  }

  Optional<String> language() {
    return value("language");
  }

  /** Beyond OpenAI's fields: the session's id. */
  Optional<String> sessionId() {
    return value("session_id");
  }

  private Optional<String> value(String name) {
    return fields.getOrDefault(name, List.of()).stream()
        .map(value -> value.toString().strip())
        .filter(value -> !value.isEmpty())
        .findFirst();
  }

  private static RefusedRequestException refused(String words) {
    return RefusedRequestException.badRequest(words);
  }
}
