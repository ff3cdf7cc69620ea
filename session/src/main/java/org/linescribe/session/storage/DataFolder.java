package org.linescribe.session.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Folders and files that only the gateway's own user may read: they hold what people said. On a
 * file system without POSIX permissions they are as its defaults make them.
 *
 * <p>Thread: any; blocks.
 */
public final class DataFolder {
  public static final String UNFINISHED = ".tmp";

  private static final Set<PosixFilePermission> FOLDER =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  private DataFolder() {}

  /** Creates a folder where it is missing; only its owner may enter it, also when it was there. */
  public static void create(Path folder) throws IOException {
    Files.createDirectories(folder);
    restrict(folder);
  }

  /**
   * Creates a folder where it is missing, and removes what a kill left unfinished in it.
   *
   * @return its files, by their names
   * @throws UncheckedIOException when it cannot be used
   */
  public static List<Path> open(Path folder) {
    try {
      create(folder);
      for (Path file : files(folder)) {
        if (file.toString().endsWith(UNFINISHED)) {
          Files.deleteIfExists(file);
        }
      }
      return files(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What is in a folder, by the names.
   *
   * @throws UncheckedIOException when it cannot be read
   */
  public static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Leaves a folder or a file to its owner alone. */
  public static void restrict(Path path) throws IOException {
    if (POSIX && !Files.isSymbolicLink(path)) {
      Set<PosixFilePermission> wanted = Files.isDirectory(path) ? FOLDER : FILE;
      if (!Files.getPosixFilePermissions(path).equals(wanted)) {
        Files.setPosixFilePermissions(path, wanted);
      }
    }
  }

  /** As {@link #restrict}, for a folder with all that is in it. */
  public static void restrictTree(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
            || Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          restrict(path);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (NoSuchFileException deletedMeanwhile) {
      // Its owner removed it between the listing and the look.
    }
  }

  /**
   * Replaces a file as a whole, for its owner alone: whoever opens it finds the old content or the
   * new one. A kill may leave a file beside it, with {@link #UNFINISHED} behind its name.
   *
   * @param forced whether the content is on the disk when this returns; {@link #forceEntries} does
   *     the same for its name
   */
  public static void replace(Path file, byte[] content, boolean forced) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + UNFINISHED);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      restrict(fresh);
      for (ByteBuffer left = ByteBuffer.wrap(content); left.hasRemaining(); ) {
        channel.write(left);
      }
      if (forced) {
        channel.force(true);
      }
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Puts a folder's entries on the disk: a file that is there may still lose its name. */
  public static void forceEntries(Path folder) throws IOException {
    try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  /**
   * @throws StorageFullException when the folder's disk has fewer free bytes than this
   */
  public static void requireFree(Path folder, long minFreeBytes) throws IOException {
    // Not by Files.getFileStore: it looks for the folder's mount point, which a chroot or a
    // container
    // may not show.
    long free = folder.toFile().getUsableSpace();
    if (free < minFreeBytes) {
      throw new StorageFullException(
          "the disk has "
              + free
              + " bytes free (linescribe.storage.min-free: "
              + minFreeBytes
              + ")");
    }
  }

  /**
   * @param maxBytes 0 for no bound
   * @param what plural, for the message
   * @param key of the setting, for the message
   * @throws StorageFullException when the files of a folder use this many bytes or more
   */
  public static void requireBelow(Path folder, long maxBytes, String what, String key)
      throws IOException {
    if (maxBytes == 0) {
      return;
    }
    long used = 0;
    try (Stream<Path> all = Files.list(folder)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        used += path.toFile().length();
      }
    }
    if (used >= maxBytes) {
      throw new StorageFullException(
          "the " + what + " use " + used + " bytes (" + key + ": " + maxBytes + ")");
    }
  }
}
