package org.linescribe.session.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncryptedFileTest {
  private static final EncryptionKeys KEYS = keys(1);
  private static final String NAME = "file";
  private static final long SEED = System.nanoTime();

  @TempDir private Path folder;
  private Path path;

  @BeforeEach
  void name() {
    path = folder.resolve("file");
  }

  /** Keys of made-up bytes, the first of which encrypts. */
  static EncryptionKeys keys(int... seeds) {
    StringBuilder all = new StringBuilder();
    for (int seed : seeds) {
      byte[] key = new byte[32];
      new Random(seed).nextBytes(key);
      all.append(all.isEmpty() ? "" : ",").append(Base64.getEncoder().encodeToString(key));
    }
    return EncryptionKeys.of(new EncryptionSettings(all.toString(), ""));
  }

  private FileChannel channel() throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private EncryptedFile create(int unitBytes) throws IOException {
    return EncryptedFile.create(channel(), 0, NAME, KEYS, new byte[] {1, 2, 3}, unitBytes);
  }

  private EncryptedFileReader reader(boolean isOpen) throws IOException {
    return EncryptedFileReader.open(
        FileChannel.open(path, StandardOpenOption.READ), 0, NAME, KEYS, isOpen);
  }

  private byte[] content(boolean isOpen) throws IOException {
    try (EncryptedFileReader reader = reader(isOpen)) {
      ByteBuffer all = ByteBuffer.allocate((int) reader.size());
      reader.read(all, 0);
      assertThat(all.hasRemaining()).isFalse();
      return all.array();
    }
  }

  private static byte[] noise(Random random, int bytes) {
    byte[] noise = new byte[bytes];
    random.nextBytes(noise);
    return noise;
  }

  private static byte[] joined(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private void write(byte[] content) throws IOException {
    try (EncryptedFile file = create(1)) {
      file.append(ByteBuffer.wrap(content));
    }
  }

  @Test
  void whatWasAppendedIsReadAtEveryPlaceAndGrowsWhileItIsRead() throws Exception {
    Random random = new Random(SEED);
    byte[] expected = new byte[0];
    try (EncryptedFile file = create(2)) {
      for (int times = 0; times < 200; times++) {
        byte[] more = noise(random, 2 * random.nextInt(times % 10 == 0 ? 10_000 : 400));
        file.append(ByteBuffer.wrap(more));
        expected = joined(expected, more);
        assertThat(content(true)).as("seed %d", SEED).isEqualTo(expected);
      }
      assertThat(file.size()).isEqualTo(expected.length);
    }
    try (EncryptedFileReader reader = reader(false)) {
      assertThat(reader.attributes()).startsWith(1, 2, 3);
      for (int times = 0; times < 300; times++) {
        int from = random.nextInt(expected.length);
        ByteBuffer some = ByteBuffer.allocate(random.nextInt(20_000));
        reader.read(some, from);
        assertThat(Arrays.copyOf(some.array(), some.position()))
            .as("seed %d", SEED)
            .isEqualTo(
                Arrays.copyOfRange(
                    expected, from, Math.min(expected.length, from + some.capacity())));
      }
    }
  }

  @Test
  void nothingOfTheContentIsOnTheDisk() throws Exception {
    byte[] content = noise(new Random(SEED), 100_000);
    write(content);

    String onDisk =
        new String(Files.readAllBytes(path), java.nio.charset.StandardCharsets.ISO_8859_1);
    for (int at = 0; at + 8 <= content.length; at += 8) {
      assertThat(onDisk)
          .doesNotContain(new String(content, at, 8, java.nio.charset.StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void aRangeDecryptsItsSegmentsOnly() throws Exception {
    write(noise(new Random(SEED), 1_000_000));
    try (EncryptedFileReader reader = reader(false)) {
      reader.read(ByteBuffer.allocate(10_000), 500_000);
      assertThat(reader.decryptedSegments()).isBetween(3L, 4L);
    }
  }

  /** At every byte that is written: what was appended before is whole, and nothing is made up. */
  @Test
  void aKillInTheMiddleOfAWriteLosesNothingThatWasAppended() throws Exception {
    Random random = new Random(SEED);
    for (int round = 0; round < 400; round++) {
      Files.deleteIfExists(path);
      byte[] expected = noise(random, 2 * random.nextInt(6000));
      try (EncryptedFile before = create(2)) {
        before.append(ByteBuffer.wrap(expected));
        if (round % 2 == 0) {
          before.abandon();
        }
      }
      byte[] begun = new byte[0];
      EncryptedFile killed =
          EncryptedFile.reopen(
              new KilledFile(channel(), random.nextInt(30_000)), 0, NAME, KEYS, true);
      try {
        while (true) {
          begun = noise(random, 2 * (1 + random.nextInt(round % 3 == 0 ? 5000 : 300)));
          killed.append(ByteBuffer.wrap(begun));
          expected = joined(expected, begun);
          if (random.nextInt(40) == 0) {
            killed.close();
            begun = new byte[0];
            break;
          }
        }
      } catch (KilledFile.KilledException atAnyByte) {
        killed.abandon();
      }

      byte[] left = content(true);
      byte[] most = joined(expected, begun);
      assertThat(left.length).as("seed %d", SEED).isBetween(expected.length, most.length);
      assertThat(left.length % 2).isZero();
      assertThat(left).as("seed %d", SEED).isEqualTo(Arrays.copyOf(most, left.length));
      byte[] more = noise(random, 2 * random.nextInt(5000));
      try (EncryptedFile next = EncryptedFile.reopen(channel(), 0, NAME, KEYS, true)) {
        next.append(ByteBuffer.wrap(more));
      }
      assertThat(content(false)).as("seed %d", SEED).isEqualTo(joined(left, more));
    }
  }

  @Test
  void aFileThatWasChangedAnywhereIsRefused() throws Exception {
    Random random = new Random(SEED);
    byte[] content = noise(random, 20_000);
    write(content);
    byte[] file = Files.readAllBytes(path);
    for (int times = 0; times < 300; times++) {
      byte[] changed = file.clone();
      int at = times < FileHeader.BYTES ? times : random.nextInt(file.length);
      changed[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(path, changed);
      assertThatThrownBy(() -> content(false))
          .as("byte %d, seed %d", at, SEED)
          .isInstanceOfAny(DamagedFileException.class, KeyUnavailableException.class);
    }
  }

  @Test
  void aFileThatWasCutOffIsRefusedUnlessItIsBeingWritten() throws Exception {
    byte[] content = noise(new Random(SEED), 20_000);
    write(content);
    byte[] file = Files.readAllBytes(path);
    for (int length = 0; length < file.length; length += 97) {
      Files.write(path, Arrays.copyOf(file, length));
      assertThatThrownBy(() -> content(false)).isInstanceOf(DamagedFileException.class);
    }
    Files.write(path, Arrays.copyOf(file, FileHeader.BYTES + 2 * 4096 + 100));
    assertThat(content(true)).isEqualTo(Arrays.copyOf(content, 2 * (4096 - 32)));
  }

  @Test
  void segmentsOfAnotherPlaceOrFileAreRefused() throws Exception {
    write(noise(new Random(SEED), 20_000));
    byte[] one = Files.readAllBytes(path);
    byte[] swapped = one.clone();
    System.arraycopy(one, FileHeader.BYTES, swapped, FileHeader.BYTES + 4096, 4096);
    System.arraycopy(one, FileHeader.BYTES + 4096, swapped, FileHeader.BYTES, 4096);
    Files.write(path, swapped);
    assertThatThrownBy(() -> content(false)).isInstanceOf(DamagedFileException.class);

    Files.delete(path);
    write(noise(new Random(SEED + 1), 20_000));
    byte[] other = Files.readAllBytes(path);
    System.arraycopy(one, FileHeader.BYTES, other, FileHeader.BYTES, 4096);
    Files.write(path, other);
    assertThatThrownBy(() -> content(false)).isInstanceOf(DamagedFileException.class);
  }

  /** Also where its process was killed: no more than one write can be lost by that. */
  @Test
  void aFileThatNoSegmentOfWhichCanBeReadIsNotOverwritten() throws Exception {
    try (EncryptedFile file = create(1)) {
      file.append(ByteBuffer.wrap(noise(new Random(SEED), 20_000)));
      file.abandon();
    }
    byte[] left = Files.readAllBytes(path);
    for (int at = 16; at < FileHeader.BYTES; at++) {
      byte[] changed = left.clone();
      changed[at] ^= 1;
      Files.write(path, changed);
      assertThatThrownBy(() -> EncryptedFile.reopen(channel(), 0, NAME, KEYS, true))
          .as("byte %d", at)
          .isInstanceOf(DamagedFileException.class);
      assertThatThrownBy(() -> content(true))
          .as("byte %d", at)
          .isInstanceOf(DamagedFileException.class);
      assertThat(Files.readAllBytes(path)).isEqualTo(changed);
    }
  }

  @Test
  void aFileInThePlaceOfAnotherIsRefused() throws Exception {
    write(noise(new Random(SEED), 20_000));
    for (boolean isOpen : new boolean[] {false, true}) {
      assertThatThrownBy(() -> EncryptedFileReader.open(channel(), 0, "another", KEYS, isOpen))
          .isInstanceOf(DamagedFileException.class);
    }
    assertThatThrownBy(() -> EncryptedFile.reopen(channel(), 0, "another", KEYS, true))
        .isInstanceOf(DamagedFileException.class);
  }

  /** More of it would make it look whole. */
  @Test
  void aClosedFileThatWasCutOffDoesNotGoOn() throws Exception {
    write(noise(new Random(SEED), 20_000));
    byte[] whole = Files.readAllBytes(path);
    byte[] cut = Arrays.copyOf(whole, whole.length - 4096);
    Files.write(path, cut);
    assertThatThrownBy(() -> EncryptedFile.reopen(channel(), 0, NAME, KEYS, false))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("its end is missing");
    assertThat(Files.readAllBytes(path)).isEqualTo(cut);
    EncryptedFile.reopen(channel(), 0, NAME, KEYS, true).abandon();
  }

  @Test
  void filesOfAnEarlierKeyAreReadAndGoOnWithIt() throws Exception {
    byte[] content = noise(new Random(SEED), 5000);
    write(content);
    EncryptionKeys rotated = keys(2, 1);
    try (EncryptedFile file = EncryptedFile.reopen(channel(), 0, NAME, rotated, false)) {
      file.append(ByteBuffer.wrap(content));
    }
    assertThat(content(false)).isEqualTo(joined(content, content));
    try (FileChannel file = channel()) {
      assertThat(EncryptedFileReader.keyId(file, 0)).contains(KEYS.ids().getFirst());
    }
    assertThatThrownBy(() -> EncryptedFile.reopen(channel(), 0, NAME, keys(2), false))
        .isInstanceOfSatisfying(
            KeyUnavailableException.class,
            missing -> assertThat(missing.keyId()).isEqualTo(KEYS.ids().getFirst()));
    assertThat(content(false)).as("nothing was lost").isEqualTo(joined(content, content));
  }

  @Test
  void theSizeIsKnownWithoutTheKey() throws Exception {
    for (int size : new int[] {0, 1, 4063, 4064, 4065, 50_000}) {
      Files.deleteIfExists(path);
      write(new byte[size]);
      try (FileChannel file = channel()) {
        assertThat(EncryptedFileReader.sizeWithoutKey(file, 0)).hasValue(size);
      }
    }
  }
}
