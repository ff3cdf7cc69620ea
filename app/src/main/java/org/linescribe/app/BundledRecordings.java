package org.linescribe.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The recordings that come with the program, and their manifests. */
final class BundledRecordings {
  private BundledRecordings() {}

  /**
   * Copies one into a folder.
   *
   * @param from its folder in the program, {@code /speech/} or {@code /recorded/}
   */
  static Path extract(Path folder, String from, String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in =
        Objects.requireNonNull(
            BundledRecordings.class.getResourceAsStream(from + name),
            "the recording is missing in this build")) {
      Files.copy(in, file);
    }
    return file;
  }
}
