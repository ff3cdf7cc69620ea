package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.TranscriptFeed;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.session.recordings.RecordingWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open session: its file, its connections, its count of chunks.
 *
 * <p>Thread: any. What is shown of it is read without a lock, so that a reader never waits for the
 * disk.
 */
final class AudioSession implements RecordingWriter.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(AudioSession.class);

  /** The terms of a session, fixed at its creation. */
  record Identity(
      String id,
      Optional<String> owner,
      Optional<String> userId,
      AudioShape shape,
      String format,
      boolean transcribe,
      RecognitionRequest recognition,
      Instant createdAt) {
    Optional<ContainerFormat> asked() {
      return switch (format) {
        case "mp3" -> Optional.of(ContainerFormat.MP3);
        case "flac" -> Optional.of(ContainerFormat.FLAC);
        case "aac" -> Optional.of(ContainerFormat.AAC);
        default -> Optional.empty();
      };
    }
  }

  /** Opens the session's recording. */
  @FunctionalInterface
  interface Recording {
    RecordingWriter open(RecordingWriter.Listener listener) throws IOException;
  }

  private final Identity identity;
  private final Path directory;
  private final RecordingWriter writer;
  private final @Nullable TranscriptFeed transcript;
  private final AudioSessionMeters meters;
  private final Clock clock;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final Set<AudioConnection> connections = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<AudioSessionInfo> closed = new CompletableFuture<>();
  private volatile SessionStatus status = SessionStatus.ACTIVE;
  private volatile long chunks;
  private volatile Instant updatedAt;
  private volatile @Nullable Instant closedAt;
  private volatile @Nullable String closeReason;
  private volatile @Nullable String error;
  private volatile boolean unsaved;

  AudioSession(
      Identity identity,
      Path directory,
      Recording recording,
      @Nullable TranscriptFeed transcript,
      AudioSessionMeters meters,
      Clock clock,
      long chunks)
      throws IOException {
    this.identity = identity;
    this.directory = directory;
    this.transcript = transcript;
    this.meters = meters;
    this.clock = clock;
    this.chunks = chunks;
    this.updatedAt = clock.instant();
    this.writer = recording.open(this);
  }

  Identity identity() {
    return identity;
  }

  String id() {
    return identity.id();
  }

  AudioShape shape() {
    return identity.shape();
  }

  RecordingWriter writer() {
    return writer;
  }

  SessionStatus status() {
    return status;
  }

  boolean takesAudio() {
    return status == SessionStatus.ACTIVE && !closing.get();
  }

  @Override
  public void onAppended(short[] pcm) {
    if (transcript != null) {
      transcript.accept(pcm);
    }
  }

  /** Counts a chunk that is about to be acknowledged. */
  long countChunk(int bytes) {
    meters.chunk(bytes);
    synchronized (this) {
      updatedAt = clock.instant();
      unsaved = true;
      return ++chunks;
    }
  }

  long chunks() {
    return chunks;
  }

  @Nullable String error() {
    return error;
  }

  /**
   * @return false when the bound on connections is reached
   */
  synchronized boolean join(AudioConnection connection, int most) {
    if (connections.size() >= most) {
      return false;
    }
    updatedAt = clock.instant();
    return connections.add(connection);
  }

  void leave(AudioConnection connection) {
    // Set first: the sweep could otherwise find the session deserted since its last chunk.
    updatedAt = clock.instant();
    connections.remove(connection);
  }

  List<AudioConnection> connections() {
    return List.copyOf(connections);
  }

  /** Whether the session has no connection and has received nothing for the timeout. */
  boolean isDeserted(Instant now, Duration timeout) {
    return connections.isEmpty() && updatedAt.plus(timeout).isBefore(now);
  }

  boolean isExpired(Instant now, Duration longest) {
    return identity.createdAt().plus(longest).isBefore(now);
  }

  @Override
  public void onStorageFailed(IOException cause) {
    // A file system's message begins with the path, which no client may see.
    String why =
        cause instanceof FileSystemException inFiles && inFiles.getReason() != null
            ? inFiles.getReason()
            : cause instanceof FileSystemException
                ? cause.getClass().getSimpleName()
                : cause.getMessage();
    fail("the storage does not take audio: " + why, "storage");
  }

  /** Puts the session into error: what is in its file stays, nothing more is taken. */
  void fail(String why, String kind) {
    synchronized (this) {
      if (status != SessionStatus.ACTIVE) {
        return;
      }
      status = SessionStatus.ERROR;
      error = why;
      closedAt = clock.instant();
      closeReason = "error";
    }
    writer.refuse("in error");
    LOG.warn("Audio session {} failed: {}", identity.id(), why);
    meters.failed(kind);
  }

  /** Marks the session closing; true for the first caller, who then does the work. */
  boolean beginClose() {
    return closing.compareAndSet(false, true);
  }

  /** Completes when the session is closed, with its last state. */
  CompletableFuture<AudioSessionInfo> closed() {
    return closed;
  }

  /** Ends streams, file and transcript. Blocks; called once, after {@link #beginClose}. */
  void close(String reason) {
    for (AudioConnection connection : connections()) {
      connection.finishStream();
    }
    closeFile();
    if (transcript != null) {
      transcript.end(reason);
    }
    synchronized (this) {
      if (status == SessionStatus.ACTIVE) {
        status = SessionStatus.COMPLETED;
        closeReason = reason;
        closedAt = clock.instant();
      }
      updatedAt = clock.instant();
    }
  }

  private void closeFile() {
    try {
      writer.close();
    } catch (IOException e) {
      fail("the file cannot be completed: " + e.getMessage(), "storage");
    }
  }

  /** The gateway stops: what was received is written, and the session waits for the next start. */
  void suspend() {
    for (AudioConnection connection : connections()) {
      connection.finishStream();
    }
    closeFile();
    if (transcript != null) {
      transcript.end("drain");
    }
  }

  /** True once after each change that was not saved. */
  boolean takeUnsaved() {
    boolean was = unsaved;
    unsaved = false;
    return was;
  }

  AudioSessionInfo info() {
    long count = writer.frames();
    return new AudioSessionInfo(
        identity.id(),
        identity.owner().orElse(null),
        identity.userId().orElse(null),
        status,
        directory.resolve(identity.id() + ".wav").toString(),
        Math.round(count * 1000.0 / shape().sampleRateHz()) / 1000.0,
        chunks,
        shape().sampleRateHz(),
        shape().channels(),
        identity.format(),
        identity.transcribe(),
        identity.recognition().model().orElse(null),
        identity.recognition().language().orElse(null),
        44 + count * shape().bytesPerFrame(),
        connections.size(),
        identity.createdAt(),
        updatedAt,
        closedAt,
        closeReason,
        error);
  }
}
