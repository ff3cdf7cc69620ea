package org.linescribe.session.recordings;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.resources.Sha256;
import org.linescribe.session.SessionId;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.storage.DataFolder;
import org.linescribe.session.storage.StorageSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of recordings: {@code NAME.wav}, its state {@code NAME.json}, replaced as a whole by a
 * rename, {@code NAME.owner}, and {@code NAME.*.in}, its spools, or {@code NAME.*.damaged}, those
 * of which no more can be read. A name never comes from a client: it is an id that this gateway
 * made, or the hash of one.
 *
 * <p>Thread: any; blocks.
 */
public final class RecordingFolder {
  /** Of the files that hold the bytes which a decoder has not brought out yet. */
  public static final String SPOOL_SUFFIX = ".in";

  private static final Logger LOG = LoggerFactory.getLogger(RecordingFolder.class);
  static final String WAV = ".wav";
  private static final String STATE = ".json";
  private static final String OWNER = ".owner";
  private static final Pattern TIMED = Pattern.compile(".*_(\\d{13})");

  /** An empty file beside a recording whose completion is to be told. */
  private static final String UNTOLD = ".untold";

  private final Path directory;
  private final FolderEntries entries;
  private final RecordingFile.Store store;
  private final StorageSettings limits;
  private final Set<String> open = ConcurrentHashMap.newKeySet();

  public RecordingFolder(Path directory, RecordingFile.Store store, StorageSettings limits) {
    this.directory = directory;
    this.entries = new FolderEntries(directory);
    this.store = store;
    this.limits = limits;
  }

  public Path directory() {
    return directory;
  }

  /** The WAV file of a recording, which may not exist. */
  public Path file(String name) {
    return directory.resolve(name + WAV);
  }

  /**
   * A recording as a listener gets it.
   *
   * @throws NoSuchFileException when there is none
   * @throws org.linescribe.session.encryption.KeyUnavailableException when its key is missing
   * @throws org.linescribe.session.encryption.DamagedFileException when its end is missing
   */
  public RecordingAudio audio(String name) throws IOException {
    return RecordingAudio.of(file(name), store.keys());
  }

  /** Length of its WAV file; an estimate where it cannot be read. */
  long bytes(String name) throws IOException {
    return RecordingAudio.bytes(file(name), store.keys());
  }

  EncryptionKeys keys() {
    return store.keys();
  }

  /**
   * Creates a recording with an empty file.
   *
   * @throws org.linescribe.session.storage.StorageFullException when the disk or the bound on
   *     recordings leaves no space
   */
  public RecordingWriter create(String name, AudioShape shape, RecordingWriter.Listener listener)
      throws IOException {
    requireSpace();
    return new RecordingWriter(this, name, shape, createFile(name, shape), listener);
  }

  private void requireSpace() throws IOException {
    DataFolder.create(directory);
    DataFolder.requireFree(directory, limits.minFree());
    DataFolder.requireBelow(
        directory, limits.maxRecordings(), "recordings", "linescribe.storage.max-recordings");
  }

  void opened(String name) {
    open.add(name);
  }

  void closed(String name) {
    open.remove(name);
  }

  RecordingFile createFile(String name, AudioShape shape) throws IOException {
    DataFolder.create(directory);
    RecordingFile created = store.create(file(name), shape);
    DataFolder.restrict(file(name));
    return created;
  }

  /** Goes on with a recording of this shape. */
  public RecordingWriter reopen(String name, AudioShape shape, RecordingWriter.Listener listener)
      throws IOException {
    return new RecordingWriter(this, name, shape, store.reopen(file(name)), listener);
  }

  /**
   * Goes on with a recording, or begins one whose file is created by its first audio.
   *
   * @throws OtherShapeException when its file has another shape
   */
  public RecordingWriter open(String name, AudioShape shape, RecordingWriter.Listener listener)
      throws IOException {
    if (!Files.exists(file(name))) {
      requireSpace();
      return new RecordingWriter(this, name, shape, null, listener);
    }
    AudioShape found = RecordingFiles.shapeOf(file(name));
    if (!found.equals(shape)) {
      throw new OtherShapeException(found);
    }
    return reopen(name, shape, listener);
  }

  /** A recording exists in another shape than the one asked for. */
  public static final class OtherShapeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String shape;

    OtherShapeException(AudioShape found) {
      super("the recording has another shape");
      this.shape = found.sampleRateHz() + " Hz and " + found.channels() + " channels";
    }

    public String shape() {
      return shape;
    }
  }

  /** The recording belongs to somebody else. */
  public static final class OtherOwnerException extends IOException {
    private static final long serialVersionUID = 1L;

    OtherOwnerException() {
      super("the recording belongs to somebody else");
    }
  }

  /**
   * Makes a recording an owner's, unless it is one's already.
   *
   * @param owner empty where nobody is identified, who may go on with every recording
   * @throws OtherOwnerException when it is another's
   */
  public synchronized void claim(String name, Optional<String> owner) throws IOException {
    if (owner.isEmpty()) {
      return;
    }
    Optional<String> present = owner(name);
    if (present.isPresent() && !present.equals(owner)) {
      throw new OtherOwnerException();
    }
    if (present.isEmpty()) {
      DataFolder.create(directory);
      DataFolder.replace(
          directory.resolve(name + OWNER), owner.get().getBytes(StandardCharsets.UTF_8), false);
    }
  }

  /** Who claimed a recording. */
  public Optional<String> owner(String name) {
    return entries.read(name + OWNER).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /** Deletes a recording's file and state; one of which nothing exists is no error. */
  public void delete(String name) throws IOException {
    Files.deleteIfExists(file(name));
    RecordingFiles.forget(file(name));
    Files.deleteIfExists(directory.resolve(name + WAV + DataFolder.UNFINISHED));
    Files.deleteIfExists(directory.resolve(name + STATE));
    Files.deleteIfExists(directory.resolve(name + STATE + DataFolder.UNFINISHED));
    Files.deleteIfExists(directory.resolve(name + OWNER));
    for (Path damaged : entries.matching(Spool.DAMAGED_SUFFIX)) {
      if (FolderEntries.nameOf(damaged).equals(name)) {
        Files.deleteIfExists(damaged);
      }
    }
    told(name);
  }

  /** Notes durably that somebody is to be told when a recording is complete. */
  void untold(String name) throws IOException {
    Path mark = directory.resolve(name + UNTOLD);
    try (FileChannel channel =
        FileChannel.open(mark, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    DataFolder.restrict(mark);
  }

  void told(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name + UNTOLD));
  }

  /** Names of recordings that an earlier process began and did not tell of. */
  List<String> untold() {
    return entries.matching(UNTOLD).stream()
        .map(FolderEntries::nameOf)
        .filter(name -> !open.contains(name))
        .toList();
  }

  /**
   * Deletes a session's recordings that began until a time, spools and states included.
   *
   * @param sessionId as each API names its files: as it is, with a time behind it, or by its hash
   * @param until {@link Instant#MAX} for all
   * @return how many recordings were deleted
   */
  public int erase(SessionId sessionId, Instant until) throws IOException {
    Pattern names = namesOf(sessionId);
    Map<String, Boolean> goes = new HashMap<>();
    int recordings = 0;
    for (Path path : entries.list("")) {
      String name = FolderEntries.nameOf(path);
      if (names.matcher(name).matches()
          && goes.computeIfAbsent(name, each -> !beganAfter(each, until))) {
        recordings += path.getFileName().toString().endsWith(WAV) ? 1 : 0;
        Files.deleteIfExists(path);
      }
    }
    return recordings;
  }

  /** Whether a recording of a session is being written that began until a time. */
  public boolean isOpen(SessionId sessionId, Instant until) {
    return open.stream()
        .filter(namesOf(sessionId).asMatchPredicate())
        .anyMatch(name -> !beganAfter(name, until));
  }

  /**
   * By the time in its name, or else that of its file. One that went on is as old as its first
   * audio; one without a file has none that could be of another session.
   */
  private boolean beganAfter(String name, Instant time) {
    Matcher timed = TIMED.matcher(name);
    if (timed.matches()) {
      return Instant.ofEpochMilli(Long.parseLong(timed.group(1))).isAfter(time);
    }
    return FolderEntries.isYounger(file(name), time);
  }

  private static Pattern namesOf(SessionId sessionId) {
    String escaped = sessionId.value().replace(".", "%2E");
    return Pattern.compile(
        "(%s|session-%s)(_\\d{13})?".formatted(Pattern.quote(escaped), hash(sessionId.value())));
  }

  /** A name for files whose id is the client's own: 32 hexadecimal digits of its SHA-256. */
  public static String hash(String id) {
    return Sha256.ofText(id).substring(0, 32);
  }

  /** Replaces the state as a whole. */
  public synchronized void saveState(String name, byte[] state) throws IOException {
    DataFolder.replace(directory.resolve(name + STATE), state, false);
  }

  /** Empty when the recording has no state, or one that cannot be read. */
  public Optional<byte[]> state(String name) {
    return entries.read(name + STATE);
  }

  /** Names of the recordings that have a state, in their order. */
  public List<String> withState() {
    return entries.matching(STATE).stream().map(FolderEntries::nameOf).toList();
  }

  /** Whether a killed process left bytes that are not in the recording's file. */
  public boolean isIncomplete(String name) {
    return !spoolFiles(name).isEmpty();
  }

  private List<Path> spoolFiles(String name) {
    return entries.matching(SPOOL_SUFFIX).stream()
        .filter(path -> FolderEntries.nameOf(path).equals(name))
        .toList();
  }

  /**
   * Opens a recording that an earlier process left and appends what its spools hold.
   *
   * @throws IOException when its file cannot be opened or takes nothing now, or no decoder runs
   */
  public RecordingWriter recover(
      String name,
      AudioShape shape,
      RecordingWriter.Listener listener,
      Ffmpeg ffmpeg,
      DecodeLimits limits)
      throws IOException {
    RecordingWriter writer = reopen(name, shape, listener);
    try {
      RecordingStream.recover(writer, Spool.Left.readAll(spoolFiles(name)), ffmpeg, limits);
      return writer;
    } catch (IOException | RuntimeException e) {
      writer.close();
      throw e;
    }
  }

  /** Completes every recording that has no state, then deletes what belongs to no recording. */
  public void recoverAll(Ffmpeg ffmpeg, DecodeLimits limits) {
    entries.matching(SPOOL_SUFFIX).stream()
        .map(FolderEntries::nameOf)
        .distinct()
        .filter(name -> Files.exists(file(name)))
        .forEach(
            name -> {
              try {
                recover(name, RecordingFiles.shapeOf(file(name)), pcm -> {}, ffmpeg, limits)
                    .close();
                LOG.info("Recording {} was completed from its spool", name);
              } catch (IOException e) {
                LOG.warn("Recording {} cannot be completed: {}", name, e.toString());
              }
            });
  }

  /**
   * Deletes the recordings that got no audio for the time that the settings keep them; those that
   * are open stay.
   */
  public void deleteExpired(Instant now) {
    if (limits.keepRecordings().isZero()) {
      return;
    }
    FileTime oldest = FileTime.from(now.minus(limits.keepRecordings()));
    for (Path file : entries.matching(WAV)) {
      String name = FolderEntries.nameOf(file);
      try {
        if (!open.contains(name)
            && !isIncomplete(name)
            && Files.getLastModifiedTime(file).compareTo(oldest) < 0) {
          delete(name);
          LOG.info("Recording {} was deleted after {}", name, limits.keepRecordings());
        }
      } catch (IOException e) {
        LOG.warn("Recording {} cannot be deleted: {}", name, e.toString());
      }
    }
  }

  /** Deletes half-written states, and spools whose recording has no state. */
  public void deleteOrphans() {
    List<Path> orphans = new ArrayList<>(entries.matching(DataFolder.UNFINISHED));
    for (Path spool : entries.matching(SPOOL_SUFFIX)) {
      if (!Files.exists(directory.resolve(FolderEntries.nameOf(spool) + STATE))) {
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
