package org.linescribe.session.erasure;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.DataFolder;

/**
 * Deletes a session's transcript, calls and recordings, and notes that it did: a line in {@code
 * erasures.log} with the time, a hash of the session's id and two counts.
 *
 * <p>The recordings are those of this node, for which {@link FleetErasure} has the other nodes
 * delete theirs; the database and Redis are shared. Thread: any; blocks.
 */
public final class SessionErasure {
  private final Transcripts transcripts;
  private final List<RecordingFolder> recordings;
  private final Path log;
  private final Clock clock;
  private final List<Holder> others = new CopyOnWriteArrayList<>();

  /** Deletes what the stores hold, as the pipeline does. */
  @FunctionalInterface
  public interface Transcripts {
    /**
     * @param unended also where nobody wrote the session's end
     * @return how many segments were deleted; empty when there is no such session
     */
    OptionalLong erase(SessionId sessionId, boolean unended)
        throws SessionOpenException, InterruptedException;
  }

  /**
   * What was deleted, both 0 where only others had something of the session.
   *
   * @param recordings WAV files of this node
   */
  public record Erased(long segments, int recordings) {}

  /** Another part that keeps something of sessions. Thread: any; may block. */
  @FunctionalInterface
  public interface Holder {
    /**
     * Forgets the session; called again where it failed, also when the store has nothing of the
     * session any more.
     *
     * @return whether there was something of it
     */
    boolean erase(SessionId sessionId) throws InterruptedException;

    /**
     * Called before anything is deleted.
     *
     * @param unended also where it may be worked on at another node, which was killed
     * @throws SessionOpenException when the session is still worked on
     * @throws org.linescribe.session.StoreUnavailableException when this cannot be known now
     */
    default void requireClosed(SessionId sessionId, boolean unended)
        throws SessionOpenException, InterruptedException {}
  }

  /** Whether no folder of recordings has an entry; no where that cannot be told. */
  boolean isWithoutRecordings() {
    return recordings.stream().map(RecordingFolder::directory).allMatch(SessionErasure::isEmpty);
  }

  private static boolean isEmpty(Path directory) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    } catch (NoSuchFileException none) {
      return true;
    } catch (IOException | DirectoryIteratorException unreadable) {
      return false;
    }
  }

  /** Also erases what this one keeps. */
  public void onErasure(Holder holder) {
    others.add(holder);
  }

  /**
   * @param log the file of erasures, made when it is missing
   */
  public SessionErasure(
      Transcripts transcripts, List<RecordingFolder> recordings, Path log, Clock clock) {
    this.transcripts = transcripts;
    this.recordings = List.copyOf(recordings);
    this.log = log;
    this.clock = clock;
  }

  /**
   * Returns when all of it is deleted and noted. May be called again after a failure.
   *
   * <p>The transcript goes first: it is the one that finds a session open, and nothing is deleted
   * of one that is.
   *
   * @return empty when there was nothing of this session
   * @throws SessionOpenException when it may still be written, or is recorded; nothing is deleted
   * @throws IOException when a file cannot be deleted, or the erasure not be noted
   * @throws org.linescribe.session.StoreUnavailableException when the database cannot be asked
   */
  public Optional<Erased> erase(SessionId sessionId, boolean unended)
      throws SessionOpenException, IOException, InterruptedException {
    requireUnrecorded(sessionId, Instant.MAX);
    for (Holder holder : others) {
      holder.requireClosed(sessionId, unended);
    }
    OptionalLong segments = transcripts.erase(sessionId, unended);
    return eraseFiles(sessionId, Instant.MAX, segments);
  }

  /**
   * Deletes what this node has of a session whose transcript is deleted already. May be called
   * again after a failure.
   *
   * @param until what was recorded later is of another session of that id, and stays
   * @return whether there was something
   * @throws SessionOpenException while it is recorded; nothing is deleted
   * @throws IOException when a file cannot be deleted, or the erasure not be noted
   */
  boolean eraseHere(SessionId sessionId, Instant until)
      throws SessionOpenException, IOException, InterruptedException {
    requireUnrecorded(sessionId, until);
    return eraseFiles(sessionId, until, OptionalLong.empty()).isPresent();
  }

  private void requireUnrecorded(SessionId sessionId, Instant until) throws SessionOpenException {
    if (recordings.stream().anyMatch(folder -> folder.isOpen(sessionId, until))) {
      throw new SessionOpenException("the session is being recorded");
    }
  }

  private Optional<Erased> eraseFiles(SessionId sessionId, Instant until, OptionalLong segments)
      throws IOException, InterruptedException {
    int files = 0;
    boolean held = false;
    try {
      for (RecordingFolder folder : recordings) {
        files += folder.erase(sessionId, until);
      }
      RuntimeException failure = null;
      for (Holder holder : others) {
        // One that cannot now, as Redis is away, keeps no other from it.
        try {
          held |= holder.erase(sessionId);
        } catch (RuntimeException later) {
          failure = failure == null ? later : failure;
        }
      }
      if (failure != null) {
        throw failure;
      }
    } finally {
      // Also where it failed half-way: asked again, the store knows nothing of the session.
      if (segments.isPresent() || files > 0 || held) {
        note(sessionId, new Erased(segments.orElse(0), files));
      }
    }
    return segments.isEmpty() && files == 0 && !held
        ? Optional.empty()
        : Optional.of(new Erased(segments.orElse(0), files));
  }

  /** No more of it: an id may be a telephone number. */
  private synchronized void note(SessionId sessionId, Erased erased) throws IOException {
    String line =
        "{\"at\":\"%s\",\"session_sha256\":\"%s\",\"segments\":%d,\"recordings\":%d}%n"
            .formatted(
                clock.instant(),
                RecordingFolder.hash(sessionId.value()),
                erased.segments(),
                erased.recordings());
    try (FileChannel channel =
        FileChannel.open(
            log, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      for (ByteBuffer left = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
          left.hasRemaining(); ) {
        channel.write(left);
      }
      channel.force(true);
    }
    DataFolder.restrict(log);
  }
}
