package org.linescribe.api.webhooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;
import org.linescribe.session.storage.DataFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Events that one receiver never took, by a file each, without their text: that is in the store.
 *
 * <p>Thread: any; blocks.
 */
final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
  private static final Pattern ID = Pattern.compile("msg_[A-Za-z0-9_-]{1,64}");
  private static final String SUFFIX = ".json";

  private final Path folder;
  private final int most;
  private final JsonMapper json;

  DeadLetters(Path folder, int most, JsonMapper json) {
    this.folder = folder;
    this.most = most;
    this.json = json;
    DataFolder.open(folder);
  }

  /**
   * One event.
   *
   * @param id of the message
   * @param type as in the message
   * @param reason why it was given up
   * @param data of an event that the store does not have; null of the others
   */
  record Letter(
      String id,
      String endpoint,
      String type,
      String sessionId,
      long seq,
      String reason,
      Instant at,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable JsonNode data) {}

  /**
   * Forgets what was given up of a session.
   *
   * @return whether there was something
   */
  boolean erase(SessionId sessionId) {
    List<Letter> letters =
        list().stream().filter(letter -> letter.sessionId().equals(sessionId.value())).toList();
    letters.forEach(letter -> remove(letter.id()));
    return !letters.isEmpty();
  }

  synchronized void add(Letter letter) {
    try {
      Files.write(folder.resolve(letter.id() + SUFFIX), json.writeValueAsBytes(letter));
      List<Letter> all = list();
      for (Letter oldest : all.subList(0, Math.max(0, all.size() - most))) {
        remove(oldest.id());
      }
    } catch (IOException e) {
      LOG.error(
          "The event {} of session {} was given up and is not kept: {}",
          letter.id(),
          letter.sessionId(),
          e.toString());
    }
  }

  /** Oldest first. */
  List<Letter> list() {
    return DataFolder.files(folder).stream()
        .flatMap(file -> read(file).stream())
        .sorted(Comparator.comparing(Letter::at).thenComparing(Letter::id))
        .toList();
  }

  Optional<Letter> find(String id) {
    return ID.matcher(id).matches() ? read(folder.resolve(id + SUFFIX)) : Optional.empty();
  }

  private Optional<Letter> read(Path file) {
    try {
      return Files.isRegularFile(file) && file.toString().endsWith(SUFFIX)
          ? Optional.of(json.readValue(Files.readAllBytes(file), Letter.class))
          : Optional.empty();
    } catch (IOException | JacksonException broken) {
      return Optional.empty();
    }
  }

  void remove(String id) {
    try {
      Files.deleteIfExists(folder.resolve(id + SUFFIX));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
