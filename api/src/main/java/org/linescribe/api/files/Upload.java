package org.linescribe.api.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A recording on this machine's disk and what its client wants of it.
 *
 * @param file under a name of ours; its owner deletes it
 * @param filename the client's name of it, for showing only
 * @param durationMs what its headers claim
 * @param language BCP 47 tag that the client gave, or empty
 */
record Upload(
    Path file,
    AudioKind kind,
    String filename,
    long bytes,
    OptionalLong durationMs,
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
