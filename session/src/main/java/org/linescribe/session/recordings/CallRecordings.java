package org.linescribe.session.recordings;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.session.SessionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recordings of calls: a WAV file for each, a channel for each leg. A recording's id is its
 * session's, in which {@code .} is {@code %2E}, and the time of its beginning in ms.
 *
 * <p>Thread: any; blocks.
 */
public final class CallRecordings {
  private static final Pattern ID = Pattern.compile("([A-Za-z0-9_~+!@:%-]{1,390})_(\\d{13})");
  private static final String DOT = "%2E";
  private static final String WAV = ".wav";

  /** By the time in the id, then by the id. */
  private static final Comparator<String> NEWEST_FIRST =
      Comparator.comparing((String id) -> id.substring(id.length() - 13))
          .thenComparing(Comparator.naturalOrder())
          .reversed();

  private static final Logger LOG = LoggerFactory.getLogger(CallRecordings.class);

  private final RecordingFolder folder;
  private final CallRecordingSettings settings;
  private final Clock clock;
  private final Counter dropped;
  private volatile @Nullable ReadyListener listener;

  public CallRecordings(
      RecordingFolder folder, CallRecordingSettings settings, MeterRegistry registry, Clock clock) {
    this.folder = folder;
    this.settings = settings;
    this.clock = clock;
    this.dropped =
        Counter.builder("linescribe.recording.dropped.samples")
            .description("Samples of calls that were too fast for the disk, silence in the file.")
            .register(registry);
  }

  /**
   * A recording in the folder.
   *
   * @param modified of the file; it grows while the call goes on
   */
  public record Kept(
      String id, SessionId sessionId, Instant startedAt, Instant modified, long bytes) {}

  /**
   * A recording that is complete.
   *
   * @param frames samples of each channel
   */
  public record Ready(Kept kept, AudioShape shape, long frames) {}

  /** Is told of each recording when it is complete. */
  @FunctionalInterface
  public interface ReadyListener {
    /**
     * Thread: the recording's own; may block. What throws is told again after the next start.
     *
     * @throws IOException when the news cannot be kept
     */
    void onReady(Ready recording) throws IOException;
  }

  /**
   * Tells a listener of the recordings that begin from now on, and of those that an earlier process
   * began and could not tell of. Call once.
   */
  public void onReady(ReadyListener told) {
    listener = told;
    for (String name : folder.untold()) {
      ready(name);
    }
  }

  /** Tells of a closed recording; its mark goes when that is done. */
  private void ready(String name) {
    ReadyListener told = listener;
    if (told == null) {
      return;
    }
    try {
      Optional<Kept> kept = find(name);
      if (kept.isPresent()) {
        // Repairs the header of a plain file that a kill left.
        AudioShape shape = RecordingFiles.shapeOf(folder.file(name));
        long audioBytes = folder.audio(name).bytes() - WavWriter.HEADER_BYTES;
        told.onReady(new Ready(kept.get(), shape, Math.max(0, audioBytes) / shape.bytesPerFrame()));
      }
      folder.told(name);
    } catch (IOException | RuntimeException e) {
      LOG.warn("Recording {} is complete and nobody was told: {}", name, e.toString());
    }
  }

  /** Whether calls are recorded for which no rule says otherwise. */
  public boolean byDefault() {
    return settings.calls();
  }

  /**
   * Begins to record a call.
   *
   * @param legs 1 to 8
   * @throws IOException when the disk or the bound on recordings leaves no space
   */
  public CallRecorder begin(SessionId sessionId, int legs, int rateHz) throws IOException {
    long startedAtMs = clock.millis();
    while (Files.exists(folder.file(nameOf(sessionId) + "_" + startedAtMs))) {
      startedAtMs++;
    }
    String name = nameOf(sessionId) + "_" + startedAtMs;
    RecordingWriter writer = folder.create(name, new AudioShape(rateHz, legs), pcm -> {});
    if (listener != null) {
      try {
        folder.untold(name);
      } catch (IOException e) {
        // A recording that nobody is told of is better than none.
        LOG.warn("Recording {} may be told to nobody after a crash: {}", name, e.toString());
      }
    }
    return new CallRecorder(name, writer, dropped, () -> ready(name));
  }

  /**
   * Newest first.
   *
   * @param sessionId of the recordings, or empty for all
   */
  public List<Kept> list(Optional<SessionId> sessionId, int limit) throws IOException {
    if (!Files.isDirectory(folder.directory())) {
      return List.of();
    }
    List<String> ids;
    try (Stream<Path> files = Files.list(folder.directory())) {
      ids =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(WAV))
              .filter(name -> sessionId.map(id -> isOf(name, id)).orElse(true))
              .map(name -> name.substring(0, name.length() - WAV.length()))
              .filter(id -> ID.matcher(id).matches())
              .sorted(NEWEST_FIRST)
              .toList();
    }
    // In their order by name first: each one's length costs a look at the disk.
    List<Kept> kept = new ArrayList<>();
    for (int i = 0; i < ids.size() && kept.size() < limit; i++) {
      find(ids.get(i)).ifPresent(kept::add);
    }
    return kept;
  }

  private static boolean isOf(String name, SessionId sessionId) {
    String session = nameOf(sessionId);
    return name.startsWith(session) && name.lastIndexOf('_') == session.length();
  }

  private static String nameOf(SessionId sessionId) {
    return sessionId.value().replace(".", DOT);
  }

  /** Empty when there is none of this id. */
  public Optional<Kept> find(String id) throws IOException {
    Matcher matcher = ID.matcher(id);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String session = matcher.group(1).replace(DOT, ".");
    Path file = folder.file(id);
    if (!SessionId.isValid(session) || !Files.isRegularFile(file)) {
      return Optional.empty();
    }
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return Optional.of(
        new Kept(
            id,
            new SessionId(session),
            Instant.ofEpochMilli(Long.parseLong(matcher.group(2))),
            attributes.lastModifiedTime().toInstant(),
            folder.bytes(id)));
  }

  /**
   * The audio of a recording that {@link #find} found.
   *
   * @throws org.linescribe.session.encryption.KeyUnavailableException when its key is missing
   * @throws org.linescribe.session.encryption.DamagedFileException when its end is missing
   */
  public RecordingAudio audio(Kept kept) throws IOException {
    return folder.audio(kept.id());
  }

  public void delete(Kept kept) throws IOException {
    folder.delete(kept.id());
  }
}
