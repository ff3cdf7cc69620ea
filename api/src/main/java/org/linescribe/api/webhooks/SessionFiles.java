package org.linescribe.api.webhooks;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.linescribe.session.SessionId;
import org.linescribe.session.storage.DataFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A line of two words for each of some sessions, in a file each.
 *
 * <p>Thread: any, one at a time for each session; blocks.
 *
 * @param suffix of the files' names, behind the session's id
 */
record SessionFiles(Path folder, String suffix) {
  private static final Logger LOG = LoggerFactory.getLogger(SessionFiles.class);

  SessionFiles {
    DataFolder.open(folder);
  }

  boolean exists(SessionId sessionId) {
    return Files.exists(file(sessionId));
  }

  /**
   * @param forced whether the line, but not the file's name, is on the disk when this returns
   */
  void write(SessionId sessionId, String line, boolean forced) throws IOException {
    byte[] content = (line + "\n").getBytes(StandardCharsets.UTF_8);
    DataFolder.replace(file(sessionId), content, forced);
  }

  void delete(SessionId sessionId) {
    try {
      Files.deleteIfExists(file(sessionId));
    } catch (IOException e) {
      LOG.warn("What is kept of session {} in {} stays: {}", sessionId, folder, e.toString());
    }
  }

  /**
   * What an earlier run left, in the order of the files' names; what is broken is passed over.
   *
   * @param parser of the line's words
   * @param unreadable told of each file that cannot be read
   */
  <T> Map<SessionId, T> all(
      Function<String[], T> parser, BiConsumer<Path, IOException> unreadable) {
    Map<SessionId, T> all = new LinkedHashMap<>();
    for (Path file : DataFolder.files(folder)) {
      String name = String.valueOf(file.getFileName());
      if (name.endsWith(suffix)) {
        try {
          read(file, name.substring(0, name.length() - suffix.length()), parser, all);
        } catch (NoSuchFileException deleted) {
          // Delivered meanwhile.
        } catch (IOException e) {
          unreadable.accept(file, e);
        }
      }
    }
    return all;
  }

  private static <T> void read(
      Path file, String name, Function<String[], T> parser, Map<SessionId, T> into)
      throws IOException {
    try {
      into.put(
          new SessionId(URLDecoder.decode(name, StandardCharsets.UTF_8)),
          parser.apply(Files.readString(file).strip().split(" ")));
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException broken) {
      LOG.warn("{} is not understood and is passed over", file);
    }
  }

  /** A session id may be "." something; encoded it is a file's name on every system. */
  private Path file(SessionId sessionId) {
    String name = URLEncoder.encode(sessionId.value(), StandardCharsets.UTF_8).replace("*", "%2A");
    return folder.resolve(name + suffix);
  }
}
