package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Resources that native code must open as files: unpacked from the jar once per content.
 *
 * <p>Thread: any, and any number of processes at once: each unpacks beside the target and renames;
 * the first one wins, and nobody ever sees half a folder.
 */
public final class ResourceFiles {
  private ResourceFiles() {}

  /** A file of the folder and its SHA-256 in hexadecimal. */
  public record Entry(String name, String sha256) {
    public Entry {
      if (!sha256.matches("[0-9a-f]{64}")) {
        throw new IllegalArgumentException(
            "sha256 of " + name + ": '" + sha256 + "' (expected: 64 hexadecimal digits)");
      }
    }
  }

  /** {@code linescribe.cache} where set, else {@code .cache/linescribe} in the user's home. */
  public static Path cacheDir() {
    String set = System.getProperty("linescribe.cache", "");
    if (!set.isBlank()) {
      return Path.of(set);
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    return xdg != null && !xdg.isBlank()
        ? Path.of(xdg, "linescribe")
        : Path.of(System.getProperty("user.home"), ".cache", "linescribe");
  }

  /**
   * The folder with all entries as files, unpacked when it is not there yet.
   *
   * @param folder the resources' folder, without a slash at its ends
   * @throws IOException when a resource is missing, altered, or the cache cannot be written
   */
  public static Path unpack(ClassLoader loader, String folder, List<Entry> entries, Path cache)
      throws IOException {
    StringBuilder identity = new StringBuilder(folder);
    entries.forEach(e -> identity.append('\n').append(e.name()).append(' ').append(e.sha256()));
    String leaf = folder.substring(folder.lastIndexOf('/') + 1);
    Path target = cache.resolve(leaf + "-" + Sha256.ofText(identity.toString()).substring(0, 16));
    if (complete(target, entries)) {
      return target;
    }
    Files.createDirectories(cache);
    Path fresh = Files.createTempDirectory(cache, leaf + ".part");
    try {
      for (Entry entry : entries) {
        Path file = fresh.resolve(entry.name());
        try (InputStream in = loader.getResourceAsStream(folder + "/" + entry.name())) {
          if (in == null) {
            throw new IOException("resource " + folder + "/" + entry.name() + ": missing");
          }
          Files.copy(in, file);
        }
        String actual = Sha256.ofFile(file);
        if (!actual.equals(entry.sha256())) {
          throw new IOException("resource " + folder + "/" + entry.name() + ": altered");
        }
      }
      moveIntoPlace(fresh, target, entries);
      return target;
    } finally {
      deleteTree(fresh);
    }
  }

  private static void moveIntoPlace(Path fresh, Path target, List<Entry> entries)
      throws IOException {
    if (Files.exists(target) && !complete(target, entries)) {
      deleteTree(target);
    }
    try {
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw e;
    } catch (FileSystemException e) {
      // Another start was quicker (the error's class differs by system); its content is the same.
      if (!complete(target, entries)) {
        throw e;
      }
    }
  }

  /** Sizes and hashes: a cache may have been damaged, and what it holds is loaded as code. */
  private static boolean complete(Path target, List<Entry> entries) throws IOException {
    for (Entry entry : entries) {
      Path file = target.resolve(entry.name());
      if (!Files.isRegularFile(file) || !Sha256.ofFile(file).equals(entry.sha256())) {
        return false;
      }
    }
    return true;
  }

  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
