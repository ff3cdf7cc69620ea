package org.linescribe.media.resources;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where this process keeps its temporary files: one folder below {@code java.io.tmpdir}, which only
 * its user enters. It is made when the first file is needed.
 *
 * <p>Whoever creates a file or folder here deletes it. A process that is killed deletes nothing:
 * the next process of the same user that needs a temporary file deletes what is left. A lock that
 * ends with its process, however that ends, tells which folders are still in use.
 *
 * <p>Thread: any, any number of processes at once.
 */
public final class TemporaryFolder {
  static final String PREFIX = "linescribe-";
  static final String LOCK = "process.lock";

  /** Of the name behind the prefix: a path here may be a socket's address, which is short. */
  private static final int RANDOM_BYTES = 4;

  private static final SecureRandom RANDOM = new SecureRandom();

  /** Closing any channel of a file may end this process's lock on it: they are never swept. */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private static @Nullable TemporaryFolder ofThisProcess;

  private final Path path;

  /** Held open, and the lock with it, as long as the process lives. */
  private final FileChannel lock;

  private final AtomicInteger created = new AtomicInteger();

  private TemporaryFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /** A new folder that only this user enters. */
  public static Path createDirectory(String name) throws IOException {
    return Files.createDirectory(ofThisProcess().next(name));
  }

  /** A new, empty file that only this user reads. */
  public static Path createFile(String name, String suffix) throws IOException {
    Path file = ofThisProcess().next(name);
    return Files.createFile(file.resolveSibling(file.getFileName() + suffix));
  }

  private static synchronized TemporaryFolder ofThisProcess() throws IOException {
    TemporaryFolder folder = ofThisProcess;
    // Some systems delete what lies in there unused for days.
    if (folder == null || !Files.isDirectory(folder.path)) {
      folder = in(Path.of(System.getProperty("java.io.tmpdir")));
      ofThisProcess = folder;
      folder.path.toFile().deleteOnExit();
      folder.path.resolve(LOCK).toFile().deleteOnExit();
    }
    return folder;
  }

  /** A folder of this process below the parent, and none of processes that are gone. */
  static TemporaryFolder in(Path parent) throws IOException {
    while (true) {
      Path path = create(parent.toRealPath());
      OWN.add(path);
      FileChannel lock = FileChannel.open(path.resolve(LOCK), CREATE_NEW, WRITE);
      // Between these two another process may have taken it for one that is left.
      if (isLocked(lock) && Files.exists(path.resolve(LOCK))) {
        sweep(path.getParent(), Files.getOwner(path));
        return new TemporaryFolder(path, lock);
      }
      lock.close();
    }
  }

  private static Path create(Path parent) throws IOException {
    FileAttribute<?>[] usersOnly =
        parent.getFileSystem().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
            }
            : new FileAttribute<?>[0];
    byte[] random = new byte[RANDOM_BYTES];
    while (true) {
      RANDOM.nextBytes(random);
      try {
        return Files.createDirectory(
            parent.resolve(PREFIX + HexFormat.of().formatHex(random)), usersOnly);
      } catch (FileAlreadyExistsException taken) {
        // Once in four thousand million times, as long as few are left there.
      }
    }
  }

  /** Whether a folder has the name and the place of one that some process made here. */
  public static boolean isMade(Path folder, String name) {
    Path of = folder.getParent();
    return of != null
        && of.getFileName() != null
        && of.getFileName().toString().matches(PREFIX + "[0-9a-f]{" + 2 * RANDOM_BYTES + "}")
        && folder.getFileName().toString().matches(Pattern.quote(name) + "-[0-9]+");
  }

  /** A file system without locks has none that others could take either. */
  private static boolean isLocked(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (IOException unsupported) {
      return true;
    }
  }

  private static void sweep(Path parent, UserPrincipal user) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path folder : folders) {
        if (!OWN.contains(folder)) {
          deleteWhereLeft(folder, user);
        }
      }
    } catch (IOException | DirectoryIteratorException unreadable) {
      // The next process may read it.
    }
  }

  /** Only its user's: another user could put a link into the place of what is deleted. */
  private static void deleteWhereLeft(Path folder, UserPrincipal user) {
    Path file = folder.resolve(LOCK);
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          || !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(user)) {
        return;
      }
      try (FileChannel channel = FileChannel.open(file, WRITE, LinkOption.NOFOLLOW_LINKS);
          FileLock lock = channel.tryLock()) {
        if (lock == null) {
          return;
        }
        try (DirectoryStream<Path> content = Files.newDirectoryStream(folder)) {
          for (Path entry : content) {
            if (!entry.getFileName().toString().equals(LOCK)) {
              ResourceFiles.deleteTree(entry);
            }
          }
        }
        // Last of all, and while it is held: whoever waits for it sees that the folder is gone.
        Files.delete(file);
        Files.delete(folder);
      }
    } catch (IOException | DirectoryIteratorException | OverlappingFileLockException notLeft) {
      // In use, or deleted by another process in this moment.
    }
  }

  /** A name that is still free. */
  Path next(String name) {
    return path.resolve(name + "-" + created.incrementAndGet());
  }

  Path path() {
    return path;
  }
}
