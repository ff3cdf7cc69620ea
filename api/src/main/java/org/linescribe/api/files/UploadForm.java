package org.linescribe.api.files;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpStatus;

/**
 * What an upload's form says beside its file.
 *
 * <p>Thread: one at a time.
 */
final class UploadForm {
  /** What a multipart body may hold beside the file, the fields' names included. */
  static final long MAX_BYTES = 64 * 1024;

  private static final int MAX_FIELD_BYTES = 1024;
  private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}");

  private final Map<String, StringBuilder> fields = new HashMap<>();
  private long bytes;

  /** Adds a piece of a field; borrows the content. */
  void add(String name, DataBuffer content) {
    // Names are kept too, as long as the client likes them.
    bytes += name.length() + content.readableByteCount();
    if (bytes > MAX_BYTES) {
      throw Uploads.refused(HttpStatus.CONTENT_TOO_LARGE, "The form's other fields are too large");
    }
    StringBuilder value = fields.computeIfAbsent(name, first -> new StringBuilder());
    if (value.length() + content.readableByteCount() > MAX_FIELD_BYTES) {
      throw Uploads.refused(HttpStatus.CONTENT_TOO_LARGE, "A field of the form is too large");
    }
    value.append(content.toString(StandardCharsets.UTF_8));
  }

  /** A BCP 47 tag; empty where the recogniser shall decide. */
  Optional<String> language() {
    String value = value("language").toLowerCase(Locale.ROOT);
    if (value.isEmpty() || value.equals("auto") || value.equals("multi")) {
      return Optional.empty();
    }
    if (!LANGUAGE.matcher(value).matches()) {
      throw Uploads.unprocessable("language: expected a BCP 47 tag or 'auto'");
    }
    return Optional.of(Locale.forLanguageTag(value).toLanguageTag());
  }

  /** The model's name; empty for the default. */
  Optional<String> model() {
    return Optional.of(value("model")).filter(name -> !name.isEmpty());
  }

  /** True unless the client says no: the documents' clients ask for everything. */
  boolean flag(String name) {
    return switch (value(name).toLowerCase(Locale.ROOT)) {
      case "", "true", "1", "yes", "on" -> true;
      case "false", "0", "no", "off" -> false;
      default -> throw Uploads.unprocessable(name + ": expected true or false");
    };
  }

  private String value(String name) {
    StringBuilder value = fields.get(name);
    return value == null ? "" : value.toString().strip();
  }
}
