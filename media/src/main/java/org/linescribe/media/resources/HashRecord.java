package org.linescribe.media.resources;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which state the files of an unpacked folder were in when their hashes were found right, so that a
 * later start need not read them again. A state is what no program can set back: inode, size, and
 * the times of the last change of content and of inode.
 *
 * <p>A record is believed only where nobody but this process's user and root could have written it
 * or a file, or put another folder in the place; on systems that do not tell this, never. Who holds
 * this user's rights could exchange the program itself.
 *
 * <p>Thread: any, any number of processes at once. Source: stat(2) for st_ctim.
 */
final class HashRecord {
  static final String FILE = ".hashed";

  /** A change within the grain of the system's clock would leave the state as it was. */
  private static final Duration GRAIN = Duration.ofSeconds(2);

  private static final String ATTRIBUTES = "unix:ino,dev,size,lastModifiedTime,ctime,uid,mode";
  private static final int WRITABLE_BY_OTHERS = 022;
  private static final int ROOT = 0;

  private final Path folder;
  private final Map<String, String> states;

  private HashRecord(Path folder, Map<String, String> states) {
    this.folder = folder;
    this.states = states;
  }

  /** What is known of a folder; nothing where there is no record that may be believed. */
  static HashRecord of(Path folder) {
    Map<String, String> states = new HashMap<>();
    if (isOurs(folder) && isOurs(folder.resolve(FILE))) {
      try {
        for (String line : Files.readAllLines(folder.resolve(FILE))) {
          int space = line.indexOf(' ');
          if (space > 0) {
            states.put(line.substring(space + 1), line.substring(0, space));
          }
        }
      } catch (IOException | UncheckedIOException unreadable) {
        states.clear();
      }
    }
    return new HashRecord(folder, states);
  }

  /** Whether a file is as it was when its hash was found right. */
  boolean isUnchanged(String name) {
    return stateOf(name).map(state -> state.equals(states.get(name))).orElse(false);
  }

  /**
   * The state of a file, to be taken before it is hashed; empty where it cannot be relied on: the
   * file may be others' to write, or has changed just now.
   */
  Optional<String> stateOf(String name) {
    try {
      Map<String, Object> now = attributes(folder.resolve(name));
      FileTime changed = (FileTime) Objects.requireNonNull(now.get("ctime"));
      if (!isOurs(now) || changed.toInstant().isAfter(Instant.now().minus(GRAIN))) {
        return Optional.empty();
      }
      FileTime modified = (FileTime) Objects.requireNonNull(now.get("lastModifiedTime"));
      return Optional.of(
          "%s:%s:%s:%s:%s"
              .formatted(
                  now.get("dev"),
                  now.get("ino"),
                  now.get("size"),
                  modified.toInstant(),
                  changed.toInstant()));
    } catch (IOException | IllegalArgumentException | UnsupportedOperationException unknown) {
      return Optional.empty();
    }
  }

  /** Replaces the record. Where that fails, the files are hashed again at the next start. */
  void write(Map<String, String> found) {
    if (!isOurs(folder)) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    new TreeMap<>(found)
        .forEach((name, state) -> lines.append(state).append(' ').append(name).append('\n'));
    try {
      Path fresh = Files.createTempFile(folder, FILE, ".part");
      try {
        Files.write(fresh, lines.toString().getBytes(StandardCharsets.UTF_8));
        Files.move(
            fresh,
            folder.resolve(FILE),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(fresh);
      }
    } catch (IOException readOnly) {
      // As before this start.
    }
  }

  private static boolean isOurs(Path file) {
    try {
      return isOurs(attributes(file));
    } catch (IOException | IllegalArgumentException | UnsupportedOperationException unknown) {
      return false;
    }
  }

  private static boolean isOurs(Map<String, Object> attributes) {
    int owner = (Integer) Objects.requireNonNull(attributes.get("uid"));
    int mode = (Integer) Objects.requireNonNull(attributes.get("mode"));
    return (mode & WRITABLE_BY_OTHERS) == 0 && (owner == ROOT || owner == OwnUser.ID);
  }

  /** Of the file itself: a link is somebody's way to another one. */
  private static Map<String, Object> attributes(Path file) throws IOException {
    return Files.readAttributes(file, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
  }

  /** The user that this process runs as; none where the system does not tell. */
  private static final class OwnUser {
    static final int ID = id();

    private static int id() {
      try {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      } catch (IOException | IllegalArgumentException | UnsupportedOperationException unknown) {
        return -1;
      }
    }
  }
}
