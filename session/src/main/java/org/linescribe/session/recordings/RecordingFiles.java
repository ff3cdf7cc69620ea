package org.linescribe.session.recordings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.linescribe.media.wav.WavException;
import org.linescribe.media.wav.WavFormat;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.session.encryption.DamagedFileException;
import org.linescribe.session.encryption.EncryptedFile;
import org.linescribe.session.encryption.EncryptedFileReader;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.storage.DataFolder;

/**
 * Recordings on disk: WAV files by {@link WavWriter}, or encrypted where there is a key. An
 * encrypted one holds the samples and, as attributes, their shape; its WAV header is made when it
 * is read.
 *
 * <p>While one is written, an empty file {@code NAME.wav.open} lies beside it: without that, a file
 * that lacks its end was cut off.
 *
 * <p>Thread: any; blocks.
 */
public final class RecordingFiles implements RecordingFile.Store {
  private static final String OPEN = ".open";
  private static final int PIECE_BYTES = 1 << 16;

  private final EncryptionKeys keys;

  /**
   * @param keys none for plain files
   */
  public RecordingFiles(EncryptionKeys keys) {
    this.keys = keys;
  }

  @Override
  public EncryptionKeys keys() {
    return keys;
  }

  @Override
  public RecordingFile create(Path path, AudioShape shape) throws IOException {
    if (keys.isEmpty()) {
      return new Plain(WavWriter.create(path, shape.sampleRateHz(), shape.channels()));
    }
    mark(path);
    return new Encrypted(path, encrypted(path, nameOf(path), shape), shape);
  }

  private EncryptedFile encrypted(Path path, String name, AudioShape shape) throws IOException {
    FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    byte[] attributes =
        ByteBuffer.allocate(2 * Integer.BYTES)
            .putInt(shape.sampleRateHz())
            .putInt(shape.channels())
            .array();
    return EncryptedFile.create(file, 0, name, keys, attributes, shape.bytesPerFrame());
  }

  /** A plain file from before is encrypted first, where there is a key: more audio is to come. */
  @Override
  public RecordingFile reopen(Path path) throws IOException {
    Optional<RecordingFile> encrypted = reopenEncrypted(path);
    if (encrypted.isPresent()) {
      return encrypted.get();
    }
    if (keys.isEmpty()) {
      return new Plain(WavWriter.append(path));
    }
    encrypt(path);
    return reopenEncrypted(path).orElseThrow();
  }

  /** Empty where it is plain. */
  private Optional<RecordingFile> reopenEncrypted(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (!EncryptedFileReader.isEncrypted(file, 0)) {
        file.close();
        return Optional.empty();
      }
      EncryptedFile opened = EncryptedFile.reopen(file, 0, nameOf(path), keys, isOpen(path));
      AudioShape shape = shapeOf(opened.attributes());
      mark(path);
      return Optional.of(new Encrypted(path, opened, shape));
    } catch (IOException | RuntimeException e) {
      // Without the mark of its end, which it may not have had.
      file.close();
      throw e;
    }
  }

  private void encrypt(Path path) throws IOException {
    AudioShape shape = shapeOf(path);
    Path fresh = path.resolveSibling(path.getFileName() + DataFolder.UNFINISHED);
    try (FileChannel plain = FileChannel.open(path, StandardOpenOption.READ);
        EncryptedFile copy = encrypted(fresh, nameOf(path), shape)) {
      DataFolder.restrict(fresh);
      plain.position(WavWriter.HEADER_BYTES);
      ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES - PIECE_BYTES % shape.bytesPerFrame());
      while (plain.read(piece) >= 0) {
        if (!piece.hasRemaining()) {
          copy.append(piece.flip());
          piece.clear();
        }
      }
      copy.append(piece.flip());
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
  }

  /** On which its key depends. */
  static String nameOf(Path path) {
    return path.getFileName().toString();
  }

  static boolean isEncrypted(Path path) throws IOException {
    return attributes(path).isPresent();
  }

  private static Optional<byte[]> attributes(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      return EncryptedFileReader.attributes(file, 0);
    }
  }

  /** Of a file that nobody writes; the header of a plain one is repaired. Needs no key. */
  static AudioShape shapeOf(Path path) throws IOException {
    Optional<byte[]> encrypted = attributes(path);
    if (encrypted.isPresent()) {
      return shapeOf(encrypted.get());
    }
    try (WavWriter found = WavWriter.append(path)) {
      WavFormat format = found.format();
      return new AudioShape(format.sampleRateHz(), format.channels());
    }
  }

  static AudioShape shapeOf(byte[] attributes) throws IOException {
    ByteBuffer values = ByteBuffer.wrap(attributes);
    try {
      return new AudioShape(values.getInt(), values.getInt());
    } catch (IllegalArgumentException outOfRange) {
      DamagedFileException damaged =
          new DamagedFileException("its header is not as it was written");
      damaged.initCause(outOfRange);
      throw damaged;
    }
  }

  /**
   * Recordings and spools that cannot be read.
   *
   * @param missingKeys the keys that they need and that are not given, each with how many need it
   * @param damaged files whose header is not one
   */
  public record Unreadable(SortedMap<String, Integer> missingKeys, int damaged) {}

  /** Those of a folder, by their headers; none also where there is no such folder. */
  public static Unreadable unreadable(Path folder, EncryptionKeys keys) throws IOException {
    SortedMap<String, Integer> missing = new TreeMap<>();
    int damaged = 0;
    if (!Files.isDirectory(folder)) {
      return new Unreadable(missing, damaged);
    }
    FolderEntries entries = new FolderEntries(folder);
    List<Path> paths = new ArrayList<>(entries.list(RecordingFolder.WAV));
    paths.addAll(entries.list(RecordingFolder.SPOOL_SUFFIX));
    for (Path path : paths) {
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
        Optional<String> id =
            nameOf(path).endsWith(RecordingFolder.SPOOL_SUFFIX)
                ? Spool.keyId(file)
                : EncryptedFileReader.keyId(file, 0);
        id.filter(needed -> !keys.ids().contains(needed))
            .ifPresent(needed -> missing.merge(needed, 1, Integer::sum));
      } catch (NoSuchFileException deletedMeanwhile) {
        continue;
      } catch (DamagedFileException e) {
        damaged++;
      }
    }
    return new Unreadable(missing, damaged);
  }

  private static Path mark(Path path) throws IOException {
    Path mark = markOf(path);
    if (!Files.exists(mark)) {
      Files.createFile(mark);
      DataFolder.restrict(mark);
    }
    return mark;
  }

  private static Path markOf(Path path) {
    return path.resolveSibling(path.getFileName() + OPEN);
  }

  /** Whether it is being written, or was when its process was killed. */
  static boolean isOpen(Path path) {
    return Files.exists(markOf(path));
  }

  static void forget(Path path) throws IOException {
    Files.deleteIfExists(markOf(path));
  }

  /** A plain file, playable as it lies there, its header counting all of it. */
  private static final class Plain implements RecordingFile {
    private final WavWriter writer;
    private boolean closed;

    Plain(WavWriter writer) {
      this.writer = writer;
    }

    @Override
    public void append(short[] samples, int frames) throws IOException {
      writer.write(samples, 0, frames);
      writer.flush();
    }

    @Override
    public long frames() {
      return writer.frames();
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        try (writer) {
          writer.sync();
        }
      }
    }
  }

  /** An encrypted file. */
  private static final class Encrypted implements RecordingFile {
    private final Path path;
    private final EncryptedFile file;
    private final AudioShape shape;
    private boolean closed;

    Encrypted(Path path, EncryptedFile file, AudioShape shape) {
      this.path = path;
      this.file = file;
      this.shape = shape;
    }

    @Override
    public void append(short[] samples, int frames) throws IOException {
      int bytes = frames * shape.bytesPerFrame();
      if (file.size() + bytes > WavWriter.MAX_DATA_BYTES) {
        throw new WavException(WavException.Defect.TOO_LARGE, "a RIFF file holds at most 4 GiB");
      }
      ByteBuffer pcm = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
      pcm.asShortBuffer().put(samples, 0, frames * shape.channels());
      file.append(pcm);
    }

    @Override
    public long frames() {
      return file.size() / shape.bytesPerFrame();
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        file.close();
        forget(path);
      }
    }
  }
}
