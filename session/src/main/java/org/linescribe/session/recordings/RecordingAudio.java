package org.linescribe.session.recordings;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.session.encryption.DamagedFileException;
import org.linescribe.session.encryption.EncryptedFileReader;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.encryption.KeyUnavailableException;

/**
 * A recording as the WAV file that a listener gets, of the length that it had when this was made.
 *
 * <p>Thread: any; blocks.
 */
public final class RecordingAudio {
  private final Path file;
  private final EncryptionKeys keys;
  private final Optional<AudioShape> encrypted;
  private final long bytes;
  private final Instant modified;

  private RecordingAudio(
      Path file,
      EncryptionKeys keys,
      Optional<AudioShape> encrypted,
      long bytes,
      Instant modified) {
    this.file = file;
    this.keys = keys;
    this.encrypted = encrypted;
    this.bytes = bytes;
    this.modified = modified;
  }

  /**
   * @throws java.nio.file.NoSuchFileException when there is none
   * @throws KeyUnavailableException when its key is missing
   * @throws DamagedFileException when its end is missing
   */
  static RecordingAudio of(Path file, EncryptionKeys keys) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    Instant modified = attributes.lastModifiedTime().toInstant();
    if (!RecordingFiles.isEncrypted(file)) {
      return new RecordingAudio(file, keys, Optional.empty(), attributes.size(), modified);
    }
    try (EncryptedFileReader reader = reader(file, keys)) {
      return new RecordingAudio(
          file,
          keys,
          Optional.of(RecordingFiles.shapeOf(reader.attributes())),
          WavWriter.HEADER_BYTES + reader.size(),
          modified);
    }
  }

  /** As {@link #bytes}; an estimate where it cannot be read. A closed one is not decrypted. */
  static long bytes(Path file, EncryptionKeys keys) throws IOException {
    if (RecordingFiles.isOpen(file)) {
      try {
        return of(file, keys).bytes();
      } catch (KeyUnavailableException | DamagedFileException unreadable) {
        return estimate(file);
      }
    }
    return estimate(file);
  }

  private static long estimate(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      try {
        OptionalLong encrypted = EncryptedFileReader.sizeWithoutKey(channel, 0);
        return encrypted.isPresent()
            ? WavWriter.HEADER_BYTES + encrypted.getAsLong()
            : channel.size();
      } catch (DamagedFileException damaged) {
        return channel.size();
      }
    }
  }

  private static EncryptedFileReader reader(Path file, EncryptionKeys keys) throws IOException {
    // Looked for first: a file that is closed meanwhile has its end then.
    boolean isOpen = RecordingFiles.isOpen(file);
    try {
      return reader(file, keys, isOpen);
    } catch (DamagedFileException damaged) {
      if (isOpen || !RecordingFiles.isOpen(file)) {
        throw damaged;
      }
      // It was opened again meanwhile.
      return reader(file, keys, true);
    }
  }

  private static EncryptedFileReader reader(Path file, EncryptionKeys keys, boolean isOpen)
      throws IOException {
    return EncryptedFileReader.open(
        FileChannel.open(file, StandardOpenOption.READ),
        0,
        RecordingFiles.nameOf(file),
        keys,
        isOpen);
  }

  /** The file as it lies there, where it is plain. */
  public Optional<Path> plain() {
    return encrypted.isPresent() ? Optional.empty() : Optional.of(file);
  }

  /** Of the WAV file, its header included. */
  public long bytes() {
    return bytes;
  }

  public Instant modified() {
    return modified;
  }

  /**
   * Opens an encrypted one at a place of the WAV file. What is read is decrypted, and nothing else.
   * A read fails with a {@link DamagedFileException} where the file is not as it was written.
   *
   * @param from bytes of the WAV file
   * @param count at most this many bytes are read
   */
  public ReadableByteChannel open(long from, long count) throws IOException {
    return new Decrypted(reader(file, keys), header(), from, Math.min(bytes, from + count));
  }

  private byte[] header() {
    AudioShape shape = encrypted.orElseThrow();
    return WavWriter.header(shape.sampleRateHz(), shape.channels(), bytes - WavWriter.HEADER_BYTES);
  }

  /** The WAV file of an encrypted recording. */
  private static final class Decrypted implements ReadableByteChannel {
    private final EncryptedFileReader reader;
    private final byte[] header;
    private final long end;
    private long position;
    private boolean closed;

    Decrypted(EncryptedFileReader reader, byte[] header, long from, long end) {
      this.reader = reader;
      this.header = header;
      this.position = from;
      this.end = end;
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
      if (position >= end) {
        return -1;
      }
      int before = dst.position();
      int limit = dst.limit();
      dst.limit((int) Math.min(limit, before + end - position));
      try {
        if (position < header.length) {
          int count = (int) Math.min(dst.remaining(), header.length - position);
          dst.put(header, (int) position, count);
        } else {
          reader.read(dst, position - header.length);
        }
      } finally {
        dst.limit(limit);
      }
      int count = dst.position() - before;
      if (count == 0 && dst.hasRemaining()) {
        throw new EOFException("the file is shorter than it was");
      }
      position += count;
      return count;
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }

    @Override
    public void close() throws IOException {
      closed = true;
      reader.close();
    }
  }
}
