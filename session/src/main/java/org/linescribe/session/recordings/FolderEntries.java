package org.linescribe.session.recordings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a folder of recordings by their names: what comes before the first dot is the
 * recording's.
 *
 * <p>Thread: any; blocks.
 */
record FolderEntries(Path directory) {
  private static final Logger LOG = LoggerFactory.getLogger(FolderEntries.class);

  static String nameOf(Path path) {
    String file = path.getFileName().toString();
    int dot = file.indexOf('.');
    return dot < 0 ? file : file.substring(0, dot);
  }

  /** Whether a file was made after a time; no where there is none. */
  static boolean isYounger(Path file, Instant time) {
    try {
      BasicFileAttributes of = Files.readAttributes(file, BasicFileAttributes.class);
      // A copy of the folder may be younger than what is in it.
      return of.creationTime().toInstant().isAfter(time)
          && of.lastModifiedTime().toInstant().isAfter(time);
    } catch (IOException noFile) {
      return false;
    }
  }

  /** None where the folder cannot be listed, which is logged. */
  List<Path> matching(String suffix) {
    try {
      return list(suffix);
    } catch (IOException e) {
      LOG.warn("{} cannot be listed: {}", directory, e.toString());
      return List.of();
    }
  }

  List<Path> list(String suffix) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(path -> path.getFileName().toString().endsWith(suffix))
          .sorted()
          .toList();
    } catch (NoSuchFileException nothingRecordedYet) {
      return List.of();
    } catch (UncheckedIOException broken) {
      throw broken.getCause();
    }
  }

  /** Empty when there is no such file, or it cannot be read, which is logged. */
  Optional<byte[]> read(String file) {
    Path path = directory.resolve(file);
    try {
      return Files.exists(path) ? Optional.of(Files.readAllBytes(path)) : Optional.empty();
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", file, e.toString());
      return Optional.empty();
    }
  }
}
