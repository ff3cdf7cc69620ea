package org.linescribe.media.resources;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks a folder of resources from the jar, once per content.
 *
 * <p>The folder's {@value #SUMS} names its files with their SHA-256, as {@code sha256sum} writes
 * it. The hashes are compared at a start, because what the cache holds is run as code; a file is
 * not read again that nobody can have changed since ({@link HashRecord}), and within a process none
 * that has the identity, size and time that it had.
 *
 * <p>Thread: any, and any number of processes at once: each unpacks beside the target and renames
 * its copy. The first one wins, and nobody ever sees half a folder.
 */
public final class ResourceFiles {
  private static final String SUMS = "SHA256SUMS";

  /** What this process has hashed: a few dozen files at most. */
  private static final Map<Path, HashedFile> HASHED = new ConcurrentHashMap<>();

  /**
   * A file as it was when it was hashed.
   *
   * @param key the file system's identity of the file, where it has one
   */
  private record HashedFile(
      @Nullable Object key, long sizeBytes, FileTime modified, String sha256) {
    static HashedFile of(Path file) throws IOException {
      BasicFileAttributes before = attributes(file);
      return new HashedFile(
          before.fileKey(), before.size(), before.lastModifiedTime(), Sha256.ofFile(file));
    }

    boolean isStill(BasicFileAttributes now) {
      return Objects.equals(key, now.fileKey())
          && sizeBytes == now.size()
          && modified.equals(now.lastModifiedTime());
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
      return Files.readAttributes(file, BasicFileAttributes.class);
    }
  }

  private ResourceFiles() {}

  /**
   * Where resources are unpacked: {@code linescribe.cache} where set, else {@code linescribe} in
   * {@code XDG_CACHE_HOME}, else {@code .cache/linescribe} in the user's home; where that cannot be
   * written, a temporary directory of this process.
   */
  public static Path cacheDirectory() {
    String set = System.getProperty("linescribe.cache", "");
    if (!set.isBlank()) {
      return Path.of(set);
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path usual =
        xdg != null && !xdg.isBlank()
            ? Path.of(xdg, "linescribe")
            : Path.of(System.getProperty("user.home"), ".cache", "linescribe");
    try {
      Files.createDirectories(usual);
    } catch (IOException readOnlyHome) {
      return TemporaryCache.DIRECTORY;
    }
    return Files.isWritable(usual) ? usual : TemporaryCache.DIRECTORY;
  }

  /** Made when it is first needed and deleted when the JVM ends. */
  private static final class TemporaryCache {
    static final Path DIRECTORY = create();

    private static Path create() {
      try {
        Path directory = TemporaryFolder.createDirectory("cache");
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      try {
                        deleteTree(directory);
                      } catch (IOException e) {
                        // The next process deletes it.
                      }
                    }));
        return directory;
      } catch (IOException e) {
        throw new UncheckedIOException(
            "neither the home nor the temporary directory is writable", e);
      }
    }
  }

  /** Whether the class path holds the folder. */
  public static boolean exist(ClassLoader loader, String folder) throws IOException {
    try (InputStream in = loader.getResourceAsStream(folder + "/" + SUMS)) {
      return in != null;
    }
  }

  /**
   * The folder with all its files, unpacked when it is not there yet. Every file is executable.
   *
   * @param folder the resources' folder, without a slash at its ends
   * @throws IOException when a resource is missing, altered, or the cache cannot be written
   */
  public static Path unpack(ClassLoader loader, String folder, Path cache) throws IOException {
    String sums = new String(read(loader, folder + "/" + SUMS), StandardCharsets.UTF_8);
    Map<String, String> hashes = hashes(folder, sums);
    String leaf = folder.substring(folder.lastIndexOf('/') + 1);
    Path target = cache.resolve(leaf + "-" + Sha256.ofText(sums).substring(0, 16));
    if (isComplete(target, hashes)) {
      return target;
    }
    Files.createDirectories(cache);
    Path fresh = Files.createTempDirectory(cache, leaf + ".part");
    try {
      for (String name : hashes.keySet()) {
        Path file = fresh.resolve(name);
        try (InputStream in = open(loader, folder + "/" + name)) {
          Files.copy(in, file);
        }
        if (!file.toFile().setExecutable(true)) {
          throw new IOException(file + " cannot be made executable");
        }
        if (!Sha256.ofFile(file).equals(hashes.get(name))) {
          throw new IOException("resource " + folder + "/" + name + ": altered");
        }
      }
      moveIntoPlace(fresh, target, hashes);
      return target;
    } finally {
      deleteTree(fresh);
    }
  }

  private static Map<String, String> hashes(String folder, String sums) throws IOException {
    Map<String, String> hashes = new LinkedHashMap<>();
    for (String line : sums.lines().toList()) {
      if (!line.matches("[0-9a-f]{64}  [^/\\\\]+")) {
        throw new IOException(
            "resource " + folder + "/" + SUMS + ": '" + line + "' (expected: SHA-256, file name)");
      }
      hashes.put(line.substring(66), line.substring(0, 64));
    }
    return hashes;
  }

  private static byte[] read(ClassLoader loader, String name) throws IOException {
    try (InputStream in = open(loader, name)) {
      return in.readAllBytes();
    }
  }

  private static InputStream open(ClassLoader loader, String name) throws IOException {
    InputStream in = loader.getResourceAsStream(name);
    if (in == null) {
      throw new IOException("resource " + name + ": missing");
    }
    return in;
  }

  private static void moveIntoPlace(Path fresh, Path target, Map<String, String> hashes)
      throws IOException {
    if (Files.exists(target) && !isComplete(target, hashes)) {
      deleteTree(target);
    }
    try {
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw e;
    } catch (FileSystemException e) {
      // Another start was quicker (the error's class differs by system); its content is the same.
      if (!isComplete(target, hashes)) {
        throw e;
      }
    }
  }

  private static boolean isComplete(Path target, Map<String, String> hashes) throws IOException {
    HashRecord record = HashRecord.of(target);
    Map<String, String> found = new HashMap<>();
    boolean isNews = false;
    for (Map.Entry<String, String> entry : hashes.entrySet()) {
      String name = entry.getKey();
      Path file = target.resolve(name);
      if (!Files.isRegularFile(file)) {
        return false;
      }
      // Before the look at the content: what changes it from here on changes the state.
      Optional<String> state = record.stateOf(name);
      if (!record.isUnchanged(name)) {
        if (!sha256(file).equals(entry.getValue())) {
          return false;
        }
        isNews |= state.isPresent();
      }
      state.ifPresent(known -> found.put(name, known));
    }
    if (isNews) {
      record.write(found);
    }
    return true;
  }

  private static String sha256(Path file) throws IOException {
    Path place = file.toAbsolutePath();
    HashedFile known = HASHED.get(place);
    if (known == null || !known.isStill(HashedFile.attributes(place))) {
      known = HashedFile.of(place);
      HASHED.put(place, known);
    }
    return known.sha256();
  }

  /**
   * Deletes a folder with all that lies in it; nothing happens where none is, or where another
   * process deletes it at the same time. Links are not followed.
   */
  public static void deleteTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
            if (failed instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failed;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failed)
              throws IOException {
            if (failed != null) {
              throw failed;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
