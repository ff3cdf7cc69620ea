package org.linescribe.session.recordings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegSettings;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.erasure.SessionErasure;
import org.linescribe.session.storage.StorageFullException;
import org.linescribe.session.storage.StorageSettings;

/** Recordings whose process was killed, with real FFmpeg children. */
class RecordingFolderTest {
  private static final AudioShape SHAPE = new AudioShape(16_000, 1);

  @TempDir private Path directory;
  private final Ffmpeg ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), System::nanoTime);

  @AfterEach
  void close() {
    ffmpeg.close();
  }

  private RecordingFolder folder() {
    return new RecordingFolder(directory, RecordingFile.ON_DISK, StorageSettings.defaults());
  }

  @Test
  void aRecordingThatIsWrittenKeepsItsSessionFromBeingErased() throws Exception {
    SessionId id = new SessionId("call.1");
    RecordingFolder folder = folder();
    SessionErasure erasure =
        new SessionErasure(
            (sessionId, unended) -> OptionalLong.empty(),
            List.of(folder),
            directory.resolve("erasures.log"),
            Clock.systemUTC());
    RecordingWriter writer = folder.create("call%2E1_1764457000123", SHAPE, pcm -> {});

    assertThatThrownBy(() -> erasure.erase(id, true)).isInstanceOf(SessionOpenException.class);
    assertThat(folder.file("call%2E1_1764457000123")).exists();

    writer.close();
    assertThat(erasure.erase(id, true)).contains(new SessionErasure.Erased(0, 1));
    assertThat(folder.file("call%2E1_1764457000123")).doesNotExist();
  }

  @Test
  void aFolderThatCannotBeListedIsNoErasure() throws Exception {
    Path file = Files.createFile(directory.resolve("no-folder"));
    RecordingFolder folder =
        new RecordingFolder(file, RecordingFile.ON_DISK, StorageSettings.defaults());

    assertThatThrownBy(() -> folder.erase(new SessionId("call-1"), Instant.MAX))
        .isInstanceOf(NotDirectoryException.class);
  }

  private static byte[] noise(int samples) {
    byte[] pcm = new byte[2 * samples];
    new Random(7).nextBytes(pcm);
    return pcm;
  }

  /** A WAV of another rate, which a decoder must convert and so holds back. */
  private byte[] wave(byte[] pcm) throws IOException {
    Path file = directory.resolve("source");
    RecordingFile source = RecordingFile.ON_DISK.create(file, new AudioShape(8000, 1));
    short[] samples = new short[pcm.length / 2];
    ByteBuffer.wrap(pcm).order(java.nio.ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
    source.append(samples, samples.length);
    source.close();
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  private byte[] audio(String name) throws IOException {
    byte[] file = Files.readAllBytes(folder().file(name));
    return Arrays.copyOfRange(file, 44, file.length);
  }

  private RecordingStream stream(RecordingWriter writer) {
    return RecordingStream.of(
        writer, ffmpeg, Optional.of(ContainerFormat.WAV), DecodeLimits.live());
  }

  private byte[] undisturbed(byte[] stream) throws IOException {
    RecordingWriter writer = folder().open("whole", SHAPE, pcm -> {});
    RecordingStream whole = stream(writer);
    whole.write(stream);
    whole.finish();
    writer.close();
    return audio("whole");
  }

  private Stream<Path> spools() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(path -> path.toString().endsWith(RecordingFolder.SPOOL_SUFFIX))
          .toList()
          .stream();
    }
  }

  @Test
  void bytesThatADecoderHeldBackAreDecodedByTheNextStartOnce() throws Exception {
    byte[] stream = wave(noise(40_000));
    byte[] expected = undisturbed(stream);
    RecordingWriter writer = folder().open("killed", SHAPE, pcm -> {});
    RecordingStream killed = stream(writer);
    for (int at = 0; at < stream.length; at += 4000) {
      killed.write(Arrays.copyOfRange(stream, at, Math.min(stream.length, at + 4000)));
    }
    // As a kill leaves it: the decoder is gone, the spool stays.
    killed.close();
    writer.close();
    assertThat(spools()).hasSize(1);

    folder().recoverAll(ffmpeg, DecodeLimits.live());
    folder().recoverAll(ffmpeg, DecodeLimits.live());

    assertThat(audio("killed")).isEqualTo(expected);
    assertThat(spools()).isEmpty();
  }

  /** Else each start would stumble over it again, and its recording would never be complete. */
  @Test
  void aSpoolWhoseHeaderWasDamagedIsPutAsideAndTheOthersAreDecoded() throws Exception {
    byte[] stream = wave(noise(40_000));
    byte[] expected = undisturbed(stream);
    byte[][] headers = new byte[4][];
    headers[0] = "no spool at all, and long enough for a header".getBytes();
    headers[1] = Arrays.copyOf(new byte[] {0x4C, 0x53, 0x53, 0x50}, 31);
    headers[2] = Arrays.copyOf(new byte[] {0x4C, 0x53, 0x53, 0x50, 0, 0, 0, 99}, 64);
    headers[3] = Arrays.copyOf(new byte[] {0x4C, 0x53, 0x53, 0x50, 0, 0, 0, 0, -1}, 64);
    for (int i = 0; i < headers.length; i++) {
      RecordingWriter writer = folder().open("killed", SHAPE, pcm -> {});
      RecordingStream killed = stream(writer);
      killed.write(stream);
      killed.close();
      writer.close();
      Files.write(directory.resolve("killed.1" + RecordingFolder.SPOOL_SUFFIX), headers[i]);
      Files.createFile(directory.resolve("killed.2" + RecordingFolder.SPOOL_SUFFIX));
      assertThat(RecordingFiles.unreadable(directory, EncryptionKeys.NONE).damaged()).isOne();
      assertThat(folder().isIncomplete("killed")).isTrue();

      folder().recoverAll(ffmpeg, DecodeLimits.live());

      assertThat(audio("killed")).as("%d", i).isEqualTo(expected);
      assertThat(folder().isIncomplete("killed")).isFalse();
      assertThat(RecordingFiles.unreadable(directory, EncryptionKeys.NONE).damaged()).isZero();
      assertThat(Files.readAllBytes(directory.resolve("killed.1" + Spool.DAMAGED_SUFFIX)))
          .isEqualTo(headers[i]);
      folder().delete("killed");
    }
  }

  @Test
  void recordingGoesOnInItsOwnShapeOnly() throws Exception {
    byte[] pcm = noise(1000);
    for (int times = 0; times < 2; times++) {
      RecordingWriter writer = folder().open("call", SHAPE, appended -> {});
      RecordingStream.raw(writer, ffmpeg).write(pcm);
      writer.close();
    }
    assertThat(audio("call")).hasSize(2 * pcm.length).startsWith(pcm).endsWith(pcm);
    assertThatThrownBy(() -> folder().open("call", new AudioShape(8000, 2), appended -> {}))
        .isInstanceOfSatisfying(
            RecordingFolder.OtherShapeException.class,
            other -> assertThat(other.shape()).isEqualTo("16000 Hz and 1 channels"));
  }

  @Test
  void recordingWithoutAudioLeavesNoFile() throws Exception {
    RecordingWriter writer = folder().open("silent", SHAPE, pcm -> {});
    RecordingStream stream = stream(writer);
    stream.write(new byte[] {'R', 'I'});
    assertThat(folder().file("silent")).exists();
    stream.abandon();
    writer.close();
    writer.deleteIfEmpty();
    assertThat(Files.list(directory)).isEmpty();
  }

  private RecordingFolder folder(Duration keep, long minFree, long maxBytes) {
    return new RecordingFolder(
        directory,
        RecordingFile.ON_DISK,
        new StorageSettings(
            minFree, Duration.ZERO, Duration.ZERO, keep, maxBytes, 0, 0, Duration.ofDays(90)));
  }

  private static void record(RecordingFolder folder, String name) throws IOException {
    RecordingWriter writer = folder.create(name, SHAPE, pcm -> {});
    writer.close();
  }

  @Test
  void recordingsAreDeletedByAgeUnlessTheyAreOpen() throws Exception {
    RecordingFolder folder = folder(Duration.ofDays(1), 0, 0);
    record(folder, "old");
    folder.saveState("old", new byte[] {'{', '}'});
    RecordingWriter open = folder.create("open", SHAPE, pcm -> {});

    folder.deleteExpired(Instant.now());
    assertThat(folder.file("old")).exists();

    folder.deleteExpired(Instant.now().plus(Duration.ofDays(2)));
    assertThat(folder.file("old")).doesNotExist();
    assertThat(folder.withState()).isEmpty();
    assertThat(folder.file("open")).exists();
    open.close();
  }

  @Test
  void recordingBeyondABoundIsRefusedWithTheSettingThatBoundsIt() throws Exception {
    record(folder(), "first");

    assertThatThrownBy(() -> record(folder(Duration.ZERO, 0, 44), "second"))
        .isInstanceOf(StorageFullException.class)
        .hasMessageContaining("linescribe.storage.max-recordings: 44");
    assertThatThrownBy(() -> record(folder(Duration.ZERO, 1L << 40, 0), "second"))
        .isInstanceOf(StorageFullException.class)
        .hasMessageContaining("linescribe.storage.min-free");
    assertThat(folder().file("second")).doesNotExist();
  }

  @Test
  void onlyTheOwnerReadsRecordings() throws Exception {
    RecordingWriter writer = folder().open("private", SHAPE, pcm -> {});
    stream(writer).write(wave(noise(100)));
    folder().saveState("private", new byte[] {'{', '}'});
    try (Stream<Path> all = Files.walk(directory)) {
      assertThat(all)
          .hasSize(4)
          .allSatisfy(
              path ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                      .endsWith("------"));
    }
    writer.close();
  }
}
