package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What lies in the storage directory: {@code {id}.wav}, its state {@code {id}.json}, replaced as a
 * whole by a rename, and {@code {id}.*.in}, which are {@linkplain Spool spools}. An id is always
 * one that this gateway made; no name comes from a client.
 *
 * <p>Thread: any; blocks.
 */
final class SessionFiles {
  private static final Logger LOG = LoggerFactory.getLogger(SessionFiles.class);
  private static final String STATE = ".json";
  private static final String FRESH = ".tmp";

  private final Path directory;
  private final AudioFile.Store store;
  private final JsonMapper json;

  SessionFiles(Path directory, AudioFile.Store store, JsonMapper json) {
    this.directory = directory;
    this.store = store;
    this.json = json;
  }

  Path directory() {
    return directory;
  }

  AudioFile create(String id, AudioShape shape) throws IOException {
    Files.createDirectories(directory);
    return store.create(directory.resolve(id + ".wav"), shape);
  }

  AudioFile reopen(String id) throws IOException {
    return store.reopen(directory.resolve(id + ".wav"));
  }

  /** Deletes what was begun of a session that is not to be. */
  void delete(String id) throws IOException {
    Files.deleteIfExists(directory.resolve(id + ".wav"));
    Files.deleteIfExists(directory.resolve(id + STATE + FRESH));
  }

  /** Replaces the state as a whole. */
  synchronized void save(AudioSessionInfo info) throws IOException {
    Path fresh = directory.resolve(info.sessionId() + STATE + FRESH);
    try (FileChannel file =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(json.writeValueAsBytes(info));
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
    }
    Files.move(fresh, directory.resolve(info.sessionId() + STATE), StandardCopyOption.ATOMIC_MOVE);
  }

  Optional<AudioSessionInfo> find(String id) {
    return read(directory.resolve(id + STATE));
  }

  private Optional<AudioSessionInfo> read(Path state) {
    try {
      if (!Files.exists(state)) {
        return Optional.empty();
      }
      AudioSessionInfo kept = json.readValue(Files.readAllBytes(state), AudioSessionInfo.class);
      String name = state.getFileName().toString();
      if (kept == null || !name.equals(kept.sessionId() + STATE)) {
        throw new IOException("not of the session that its name tells");
      }
      return Optional.of(kept);
    } catch (IOException | JacksonException e) {
      LOG.warn("{} cannot be read: {}", state.getFileName(), e.toString());
      return Optional.empty();
    }
  }

  List<AudioSessionInfo> all() {
    List<AudioSessionInfo> all = new ArrayList<>();
    for (Path state : matching(STATE)) {
      read(state).ifPresent(all::add);
    }
    return all;
  }

  private List<Path> matching(String suffix) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(path -> path.getFileName().toString().endsWith(suffix))
          .sorted()
          .toList();
    } catch (IOException e) {
      LOG.warn("{} cannot be listed: {}", directory, e.toString());
      return List.of();
    }
  }

  List<Spool.Left> spools(String id) {
    List<Spool.Left> spools = new ArrayList<>();
    for (Path path : matching(Spool.SUFFIX)) {
      if (path.getFileName().toString().startsWith(id + ".")) {
        try {
          spools.add(Spool.Left.read(path));
        } catch (IOException e) {
          LOG.warn("{} cannot be read: {}", path.getFileName(), e.toString());
        }
      }
    }
    return spools;
  }

  /** Half-written states, and spools whose session is unknown. */
  void deleteOrphans() {
    List<Path> orphans = new ArrayList<>(matching(FRESH));
    for (Path spool : matching(Spool.SUFFIX)) {
      String name = spool.getFileName().toString();
      if (!Files.exists(directory.resolve(name.substring(0, name.indexOf('.')) + STATE))) {
        orphans.add(spool);
      }
    }
    for (Path orphan : orphans) {
      try {
        Files.deleteIfExists(orphan);
      } catch (IOException e) {
        LOG.warn("{} cannot be deleted: {}", orphan.getFileName(), e.toString());
      }
    }
  }
}
