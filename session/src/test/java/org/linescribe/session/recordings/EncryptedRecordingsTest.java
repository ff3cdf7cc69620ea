package org.linescribe.session.recordings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegSettings;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.session.SessionId;
import org.linescribe.session.encryption.DamagedFileException;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.encryption.EncryptionSettings;
import org.linescribe.session.encryption.KeyUnavailableException;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.testsupport.Patience;

/** Recordings and spools that only a holder of a key can read. */
class EncryptedRecordingsTest {
  private static final AudioShape SHAPE = new AudioShape(16_000, 1);
  private static final String FIRST = key(1);
  private static final String SECOND = key(2);
  private static final int HEADER_BYTES = 44;

  @TempDir private Path directory;
  private final Ffmpeg ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), System::nanoTime);

  @AfterEach
  void close() {
    ffmpeg.close();
  }

  private static String key(int seed) {
    byte[] key = new byte[32];
    new Random(seed).nextBytes(key);
    return Base64.getEncoder().encodeToString(key);
  }

  /**
   * @param keys comma between; empty for plain files
   */
  private RecordingFolder folder(String keys) {
    return new RecordingFolder(
        directory,
        new RecordingFiles(EncryptionKeys.of(new EncryptionSettings(keys, ""))),
        StorageSettings.defaults());
  }

  private CallRecordings calls(String keys) {
    return new CallRecordings(
        folder(keys),
        CallRecordingSettings.defaults(),
        new SimpleMeterRegistry(),
        Clock.systemUTC());
  }

  private static byte[] noise(int samples) {
    byte[] pcm = new byte[2 * samples];
    new Random(7).nextBytes(pcm);
    return pcm;
  }

  private static short[] samples(byte[] pcm) {
    short[] samples = new short[pcm.length / 2];
    ByteBuffer.wrap(pcm).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
    return samples;
  }

  /** The samples as a listener gets them. */
  private static byte[] heard(RecordingAudio audio) throws IOException {
    ByteBuffer all = ByteBuffer.allocate((int) audio.bytes());
    try (ReadableByteChannel in = audio.open(0, audio.bytes())) {
      while (in.read(all) >= 0) {
        continue;
      }
    }
    assertThat(all.hasRemaining()).isFalse();
    assertThat(all.array()).startsWith(WavWriter.header(16_000, 1, audio.bytes() - HEADER_BYTES));
    return Arrays.copyOfRange(all.array(), HEADER_BYTES, all.capacity());
  }

  private void record(String keys, String name, byte[] pcm) throws IOException {
    RecordingWriter writer = folder(keys).open(name, SHAPE, appended -> {});
    try {
      RecordingStream.raw(writer, ffmpeg).write(pcm);
    } finally {
      writer.close();
    }
  }

  private void assertNothingIsPlain(byte[] audio) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String onDisk = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        for (int at = 0; at + 8 <= audio.length; at += 8) {
          assertThat(onDisk)
              .as(file.toString())
              .doesNotContain(new String(audio, at, 8, StandardCharsets.ISO_8859_1));
        }
      }
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aCallIsEncryptedAndToldWithItsLength() throws Exception {
    byte[] pcm = noise(20_000);
    CallRecordings calls = calls(FIRST);
    List<CallRecordings.Ready> told = new ArrayList<>();
    calls.onReady(told::add);
    CallRecorder recorder = calls.begin(new SessionId("a.b"), 1, 16_000);
    recorder.write(0, samples(pcm), 0, 20_000);
    recorder.close();
    assertThat(recorder.awaitClosed(Patience.LIMIT)).isTrue();

    assertNothingIsPlain(pcm);
    CallRecordings.Kept kept = calls.list(Optional.empty(), 10).getFirst();
    assertThat(kept.bytes()).isEqualTo(HEADER_BYTES + pcm.length);
    assertThat(heard(calls.audio(kept))).isEqualTo(pcm);
    assertThat(told.getFirst().frames()).isEqualTo(20_000);
    assertThat(told.getFirst().shape()).isEqualTo(SHAPE);
    assertThat(folder(FIRST).erase(new SessionId("a.b"), Instant.MAX)).isEqualTo(1);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aRangeIsThatOfTheWavFile() throws Exception {
    byte[] pcm = noise(20_000);
    record(FIRST, "one", pcm);
    RecordingAudio audio = folder(FIRST).audio("one");
    ByteBuffer range = ByteBuffer.allocate(100);
    try (ReadableByteChannel in = audio.open(40, 30)) {
      while (in.read(range) >= 0) {
        continue;
      }
    }
    assertThat(range.position()).isEqualTo(30);
    assertThat(Arrays.copyOfRange(range.array(), 4, 30)).isEqualTo(Arrays.copyOf(pcm, 26));
    assertThat(audio.plain()).isEmpty();
  }

  /** What a decoder holds back lies in a spool, which is as secret; a kill loses none of it. */
  @Test
  void whatADecoderHeldBackIsEncryptedTooAndRecovered() throws Exception {
    byte[] pcm = noise(40_000);
    Path source = directory.resolve("source");
    try (WavWriter wav = WavWriter.create(source, 8000, 1)) {
      wav.write(samples(pcm), 0, 40_000);
    }
    byte[] stream = Files.readAllBytes(source);
    Files.delete(source);
    List<byte[]> both = new ArrayList<>();
    for (String name : List.of("whole", "killed")) {
      RecordingWriter writer = folder(FIRST).open(name, SHAPE, appended -> {});
      RecordingStream decoding =
          RecordingStream.of(writer, ffmpeg, Optional.of(ContainerFormat.WAV), DecodeLimits.live());
      for (int at = 0; at < stream.length; at += 4000) {
        decoding.write(Arrays.copyOfRange(stream, at, Math.min(stream.length, at + 4000)));
      }
      if (name.equals("whole")) {
        decoding.finish();
      } else {
        decoding.close();
        assertThat(names()).anyMatch(file -> file.endsWith(RecordingFolder.SPOOL_SUFFIX));
        assertNothingIsPlain(pcm);
      }
      writer.close();
    }
    // Without its key nothing is recovered, and nothing is lost.
    List<String> before = names();
    folder(SECOND).recoverAll(ffmpeg, DecodeLimits.live());
    folder("").recoverAll(ffmpeg, DecodeLimits.live());
    assertThat(names()).isEqualTo(before);

    folder(SECOND + "," + FIRST).recoverAll(ffmpeg, DecodeLimits.live());

    for (String name : List.of("whole", "killed")) {
      both.add(heard(folder(FIRST).audio(name)));
    }
    assertThat(both.get(1)).isEqualTo(both.get(0));
    assertThat(names()).containsExactly("killed.wav", "whole.wav");
  }

  @Test
  void aDamagedSpoolYieldsWhatIsBeforeTheDamageAndIsKept() throws Exception {
    Path source = directory.resolve("source");
    try (WavWriter wav = WavWriter.create(source, 16_000, 1)) {
      wav.write(samples(noise(40_000)), 0, 40_000);
    }
    byte[] stream = Files.readAllBytes(source);
    Files.delete(source);
    Map<String, Integer> flippedAt = Map.of("middle", 32 + 64 + 10 * 4096 + 99, "header", 32 + 20);
    for (String name : flippedAt.keySet()) {
      RecordingWriter writer = folder(FIRST).open(name, SHAPE, appended -> {});
      try (Spool spool = writer.newSpool(Optional.of(ContainerFormat.WAV))) {
        spool.append(stream);
      }
      writer.close();
      Path left = new FolderEntries(directory).list(RecordingFolder.SPOOL_SUFFIX).getFirst();
      byte[] damaged = Files.readAllBytes(left);
      damaged[flippedAt.get(name)] ^= 1;
      Files.write(left, damaged);

      folder(FIRST).recoverAll(ffmpeg, DecodeLimits.live());

      assertThat(folder(FIRST).isIncomplete(name)).isFalse();
      List<Path> kept = new FolderEntries(directory).list(Spool.DAMAGED_SUFFIX);
      assertThat(kept).hasSize(1);
      assertThat(
              Arrays.equals(
                  Files.readAllBytes(kept.getFirst()),
                  32,
                  damaged.length,
                  damaged,
                  32,
                  damaged.length))
          .as("the content is as it was")
          .isTrue();
      byte[] before = Arrays.copyOfRange(stream, HEADER_BYTES, 10 * 4064);
      assertThat(heard(folder(FIRST).audio(name)))
          .isEqualTo(name.equals("middle") ? before : new byte[0]);
      folder(FIRST).delete(name);
      assertThat(directory).as("deleted with its recording").isEmptyDirectory();
    }
  }

  @Test
  void aPlainRecordingIsReadAsItIsAndEncryptedWhereItGoesOn() throws Exception {
    byte[] pcm = noise(30_001);
    record("", "old", pcm);
    assertThat(folder(FIRST).audio("old").plain()).isPresent();
    assertThat(folder(FIRST).audio("old").bytes()).isEqualTo(HEADER_BYTES + pcm.length);

    record(FIRST, "old", pcm);

    assertNothingIsPlain(pcm);
    assertThat(heard(folder(FIRST).audio("old")))
        .hasSize(2 * pcm.length)
        .startsWith(pcm)
        .endsWith(pcm);
    assertThat(names()).containsExactly("old.wav");
  }

  @Test
  void aRecordingGoesOnWithItsOwnKey() throws Exception {
    byte[] pcm = noise(3000);
    record(FIRST, "one", pcm);
    record(SECOND + "," + FIRST, "one", pcm);
    record(SECOND + "," + FIRST, "two", pcm);

    assertThat(heard(folder(FIRST).audio("one"))).hasSize(2 * pcm.length);
    assertThat(heard(folder(SECOND).audio("two"))).isEqualTo(pcm);
    assertThatThrownBy(() -> folder(SECOND).audio("one"))
        .isInstanceOf(KeyUnavailableException.class);
    assertThatThrownBy(() -> record(SECOND, "one", pcm))
        .isInstanceOf(KeyUnavailableException.class);
    assertThatThrownBy(() -> record("", "one", pcm)).isInstanceOf(KeyUnavailableException.class);
    assertThat(heard(folder(FIRST).audio("one"))).as("as it was").hasSize(2 * pcm.length);
    assertThat(folder("").bytes("one")).isEqualTo(HEADER_BYTES + 2L * pcm.length);
  }

  @Test
  void aRecordingThatWasCutOffOrChangedDoesNotGoOn() throws Exception {
    byte[] pcm = noise(20_000);
    record(FIRST, "one", pcm);
    Path file = folder(FIRST).file("one");
    byte[] whole = Files.readAllBytes(file);
    byte[] changed = whole.clone();
    changed[20] ^= 1;
    for (byte[] damaged :
        List.of(changed, Arrays.copyOf(whole, 64 + 4096), Arrays.copyOf(whole, 64))) {
      Files.write(file, damaged);
      assertThatThrownBy(() -> record(FIRST, "one", pcm)).isInstanceOf(DamagedFileException.class);
      assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
      assertThat(names()).containsExactly("one.wav");
    }
    Files.write(file, whole);
    record(FIRST, "one", pcm);
    assertThat(heard(folder(FIRST).audio("one"))).hasSize(2 * pcm.length);
  }

  @Test
  void aRecordingInThePlaceOfAnotherIsRefused() throws Exception {
    record(FIRST, "one", noise(20_000));
    record(FIRST, "two", noise(30_000));
    Files.copy(
        folder(FIRST).file("one"), folder(FIRST).file("two"), StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> folder(FIRST).audio("two")).isInstanceOf(DamagedFileException.class);
    assertThat(heard(folder(FIRST).audio("one"))).isEqualTo(noise(20_000));
  }

  @Test
  void aReadEndsWhereTheFileBecameShorter() throws Exception {
    record(FIRST, "one", noise(20_000));
    RecordingAudio longer = folder(FIRST).audio("one");
    folder(FIRST).delete("one");
    record(FIRST, "one", noise(10_000));
    ByteBuffer all = ByteBuffer.allocate((int) longer.bytes());
    try (ReadableByteChannel in = longer.open(0, longer.bytes())) {
      assertThatThrownBy(
              () -> {
                for (int reads = 0; reads < 10; reads++) {
                  in.read(all);
                }
              })
          .isInstanceOf(EOFException.class);
    }
    assertThat(all.position()).isEqualTo(HEADER_BYTES + 2 * 10_000);
  }

  /** One file that cannot be read must not hide the others. */
  @Test
  void damagedFilesAreListed() throws Exception {
    record(FIRST, "a_1700000000000", noise(20_000));
    Path file = folder(FIRST).file("a_1700000000000");
    byte[] whole = Files.readAllBytes(file);
    List<byte[]> damaged = new ArrayList<>();
    for (int length : new int[] {0, 7, 8, 63, 64, 65, 5000}) {
      damaged.add(Arrays.copyOf(whole, length));
    }
    for (int at = 0; at < 64; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = whole.clone();
        flipped[at] ^= (byte) (1 << bit);
        damaged.add(flipped);
      }
    }
    for (byte[] content : damaged) {
      for (boolean isOpen : new boolean[] {false, true}) {
        Files.write(file, content);
        Path mark = directory.resolve("a_1700000000000.wav.open");
        Files.deleteIfExists(mark);
        if (isOpen) {
          Files.createFile(mark);
        }
        assertThat(calls(FIRST).list(Optional.empty(), 10))
            .singleElement()
            .satisfies(kept -> assertThat(kept.bytes()).isNotNegative());
      }
    }
    Files.write(file, Arrays.copyOf(whole, 20));
    RecordingFiles.Unreadable unreadable =
        RecordingFiles.unreadable(directory, folder(FIRST).keys());
    assertThat(unreadable.damaged()).isEqualTo(1);
    assertThat(unreadable.missingKeys()).isEmpty();
  }

  @Test
  void aRecordingThatWasCutOffIsToldFromOneThatIsOpen() throws Exception {
    byte[] pcm = noise(20_000);
    record(FIRST, "one", pcm);
    Path file = folder(FIRST).file("one");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    assertThatThrownBy(() -> folder(FIRST).audio("one")).isInstanceOf(DamagedFileException.class);

    RecordingWriter open = folder(FIRST).open("two", SHAPE, appended -> {});
    RecordingStream.raw(open, ffmpeg).write(pcm);
    // As a kill leaves it.
    assertThat(heard(folder(FIRST).audio("two"))).isEqualTo(pcm);
    open.close();
    assertThat(heard(folder(FIRST).audio("two"))).isEqualTo(pcm);
  }
}
