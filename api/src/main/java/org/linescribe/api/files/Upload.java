package org.linescribe.api.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A recording on disk and the options of its client.
 *
 * @param file under a generated name; its owner deletes it
 * @param filename the client's name, for display only
 * @param durationMs what its headers claim
 * @param model that the client asked for, one that is served, or empty
 * @param language BCP 47 tag that the client gave, or empty
 */
record Upload(
    Path file,
    AudioKind kind,
    String filename,
    long bytes,
    OptionalLong durationMs,
    Optional<String> model,
    Optional<String> language,
    boolean translation,
    boolean insights) {
  private static final Logger LOG = LoggerFactory.getLogger(Upload.class);

  void delete() {
    delete(file);
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("An upload's file cannot be deleted: {}", e.toString());
    }
  }
}
