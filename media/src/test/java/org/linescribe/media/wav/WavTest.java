package org.linescribe.media.wav;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.wav.WavException.Defect;
import org.linescribe.media.wav.WavFormat.Encoding;

final class WavTest {
  private static final String GUID_TAIL = "000000001000800000aa00389b71";

  @TempDir Path folder;

  @Test
  void readsWhatItWrites() throws IOException {
    for (int channels = 1; channels <= 3; channels++) {
      Path file = folder.resolve("out" + channels + ".wav");
      short[] pcm = noise(new Random(channels), 12_345 * channels);
      try (WavWriter writer = WavWriter.create(file, 8000, channels)) {
        writer.write(pcm, 0, 1000);
        writer.write(pcm, 1000 * channels, 11_345);
        assertThat(writer.frames()).isEqualTo(12_345);
      }

      try (WavReader reader = WavReader.open(file)) {
        assertThat(reader.format()).isEqualTo(new WavFormat(Encoding.PCM16, channels, 8000));
        assertThat(reader.readAll(20_000)).isEqualTo(pcm);
      }
    }
  }

  @Test
  void mixesChannelsToOne() throws IOException {
    Path file = folder.resolve("stereo.wav");
    try (WavWriter writer = WavWriter.create(file, 8000, 2)) {
      writer.write(new short[] {100, 300, -5, -7, 32767, 32767, -32768, -32768}, 0, 4);
    }
    try (WavReader reader = WavReader.open(file)) {
      assertThat(reader.readAllMono(4)).containsExactly(200, -6, 32767, -32768);
    }
    try (WavReader reader = WavReader.open(file)) {
      assertThatThrownBy(() -> reader.readAllMono(3)).isInstanceOf(WavException.class);
    }
  }

  @Test
  void aKilledWritersFileIsWholeAtEveryMoment() throws IOException {
    Path file = folder.resolve("live.wav");
    short[] pcm = noise(new Random(5), 40_000);
    try (WavWriter writer = WavWriter.create(file, 8000, 1)) {
      for (int from = 0; from < pcm.length; from += 800) {
        writer.write(pcm, from, 800);
        boolean synced = from % 2400 == 0;
        if (synced) {
          writer.sync();
        }
        Path copy = folder.resolve("copy.wav");
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        try (WavReader reader = WavReader.open(copy)) {
          short[] there = reader.readAll(pcm.length);
          assertThat(there).isEqualTo(Arrays.copyOf(pcm, there.length));
          // Without a sync at most a second is missing.
          assertThat(there.length).isGreaterThanOrEqualTo(synced ? from + 800 : from - 7200);
        }
      }
    }
  }

  @Test
  void appendsAfterTheLastWholeFrameWhateverTheHeaderCounts() throws IOException {
    Path file = folder.resolve("append.wav");
    try (WavWriter writer = WavWriter.create(file, 8000, 2)) {
      writer.write(new short[] {1, 2, 3, 4}, 0, 2);
    }
    byte[] killed = Arrays.copyOf(Files.readAllBytes(file), 44 + 8 + 3);
    Files.write(file, killed);

    try (WavWriter writer = WavWriter.append(file)) {
      assertThat(writer.format()).isEqualTo(new WavFormat(Encoding.PCM16, 2, 8000));
      assertThat(writer.frames()).isEqualTo(2);
      writer.write(new short[] {5, 6}, 0, 1);
    }

    try (WavReader reader = WavReader.open(file)) {
      assertThat(reader.readAll(10)).containsExactly(1, 2, 3, 4, 5, 6);
    }
  }

  @Test
  void refusesToAppendToAFileOfAnotherKind() throws IOException {
    Path file = folder.resolve("law.wav");
    Files.write(file, riff(fmt(7, 1, 8000, 1, 8, ""), data(4, new byte[4])));

    assertThat(defectOf(() -> WavWriter.append(file))).isEqualTo(Defect.UNSUPPORTED_FORMAT);
  }

  @Test
  void refusesToWriteAfterItsEnd() throws IOException {
    WavWriter writer = WavWriter.create(folder.resolve("closed.wav"), 8000, 1);
    writer.close();
    writer.close();
    assertThatThrownBy(() -> writer.write(new short[1], 0, 1)).isInstanceOf(IOException.class);
  }

  @Test
  void decodesBothLaws() throws IOException {
    byte[] codes = new byte[256];
    for (int code = 0; code < 256; code++) {
      codes[code] = (byte) code;
    }
    short[] mu = read(riff(fmt(7, 1, 8000, 1, 8, "0000"), data(256, codes)));
    short[] a = read(riff(fmt(6, 1, 8000, 1, 8, ""), data(256, codes)));
    for (int code = 0; code < 256; code++) {
      assertThat(mu[code]).isEqualTo(G711Law.PCMU.decode(code));
      assertThat(a[code]).isEqualTo(G711Law.PCMA.decode(code));
    }
  }

  @Test
  void readsExtensibleFormats() throws IOException {
    String pcm = "1600" + "1000" + "04000000" + "0100" + GUID_TAIL;
    String mu = "1600" + "0800" + "04000000" + "0700" + GUID_TAIL;
    assertThat(read(riff(fmt(0xFFFE, 1, 8000, 2, 16, pcm), data(4, bytes("01000200")))))
        .containsExactly(1, 2);
    assertThat(read(riff(fmt(0xFFFE, 1, 8000, 1, 8, mu), data(1, bytes("FF"), bytes("00")))))
        .containsExactly(0);
  }

  @Test
  void skipsChunksOfAnySizeBeforeAndAfterTheAudio() throws IOException {
    byte[] list = chunk("LIST", 7, bytes("49 4E 46 4F 61 62 63 00"));
    byte[] junk = chunk("JUNK", 0, new byte[0]);
    assertThat(
            read(riff(junk, list, fmt(1, 1, 8000, 2, 16, ""), list, data(2, bytes("0500")), list)))
        .containsExactly(5);
  }

  @Test
  void readsEveryDataChunkAsOneRecording() throws IOException {
    byte[] list = chunk("LIST", 4, bytes("01020304"));
    byte[] fmt16 = fmt(1, 1, 8000, 2, 16, "");
    byte[] empty = data(0, new byte[0]);
    assertThat(
            read(
                riff(
                    fmt16,
                    data(2, bytes("0100")),
                    list,
                    data(4, bytes("02000300")),
                    empty,
                    data(2, bytes("0400")),
                    list)))
        .containsExactly(1, 2, 3, 4);
    assertThat(read(riff(fmt16, empty, data(2, bytes("0500"))))).containsExactly(5);
    // The byte that is left of an odd chunk is no sample; its pad byte may be missing.
    assertThat(read(riff(fmt16, data(3, bytes("0100FF00")), data(2, bytes("0200")))))
        .containsExactly(1, 2);
    assertThat(read(riff(fmt16, data(3, bytes("0100FF")), data(2, bytes("0200")))))
        .containsExactly(1, 2);
    assertThat(read(riff(fmt16, data(2, bytes("0100")), data(0xFFFF_FFFFL, bytes("02000300")))))
        .containsExactly(1, 2, 3);
    assertThat(read(riff(fmt16, data(2, bytes("0100")), riff(fmt16, data(2, bytes("0900"))))))
        .as("another file behind it is not of this one")
        .containsExactly(1);
    byte[] cut = riff(fmt16, data(2, bytes("0100")), data(100, bytes("0200")));
    try (WavReader reader = WavReader.open(new ByteArrayInputStream(cut))) {
      short[] pcm = new short[50];
      assertThat(reader.read(pcm, 0, 50)).isEqualTo(2);
      assertThat(defectOf(() -> reader.read(pcm, 0, 50))).isEqualTo(Defect.TRUNCATED_DATA);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 0xFFFF_FFFFL, 0x7FFF_FFFFL, 0x7FFF_FFFFL - 36})
  void readsToTheEndWhereTheWriterNeverKnewTheLength(long size) throws IOException {
    byte[] file = riff(fmt(1, 1, 8000, 2, 16, ""), data(size, bytes("0100020003")));
    putRiffSize(file, size == 0 ? 36 : (int) size);
    try (WavReader reader = WavReader.open(new ByteArrayInputStream(file))) {
      assertThat(reader.readAll(10)).containsExactly(1, 2);
    }
  }

  @Test
  void anEmptyRecordingWithChunksAfterItIsEmpty() throws IOException {
    assertThat(
            read(
                riff(
                    fmt(1, 1, 8000, 2, 16, ""),
                    data(0, new byte[0]),
                    chunk("LIST", 4, bytes("01020304")))))
        .isEmpty();
    assertThat(read(riff(fmt(1, 1, 8000, 2, 16, ""), data(0, new byte[0])))).isEmpty();
  }

  @Test
  void deliversTheAudioOfATruncatedFileAndThenSaysSo() throws IOException {
    byte[] file = riff(fmt(1, 1, 8000, 2, 16, ""), data(100, bytes("010002000300FF")));
    try (WavReader reader = WavReader.open(new ByteArrayInputStream(file))) {
      short[] pcm = new short[50];
      assertThat(reader.read(pcm, 0, 50)).isEqualTo(3);
      assertThat(defectOf(() -> reader.read(pcm, 0, 50))).isEqualTo(Defect.TRUNCATED_DATA);
      assertThat(reader.read(pcm, 0, 50)).isEqualTo(-1);
    }
  }

  @Test
  void namesWhatIsWrongWithAHeader() throws IOException {
    byte[] good = riff(fmt(1, 1, 8000, 2, 16, ""), data(2, new byte[2]));
    assertThat(defect(bytes(""))).isEqualTo(Defect.TRUNCATED_HEADER);
    assertThat(defect("OggS and more than twelve bytes".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(Defect.NOT_WAVE);
    for (int cut = 13; cut < 44; cut++) {
      assertThat(defect(Arrays.copyOf(good, cut)))
          .as("cut at %d", cut)
          .isEqualTo(cut == 36 ? Defect.MISSING_CHUNK : Defect.TRUNCATED_HEADER);
    }
    assertThat(defect(riff(data(2, new byte[2])))).isEqualTo(Defect.MISSING_CHUNK);
    assertThat(defect(riff(fmt(1, 1, 8000, 2, 16, "")))).isEqualTo(Defect.MISSING_CHUNK);
    assertThat(defect(riff(chunk("fmt ", 8, new byte[8])))).isEqualTo(Defect.BAD_FORMAT);
    assertThat(defect(riff(fmt(1, 0, 8000, 0, 16, "")))).isEqualTo(Defect.BAD_FORMAT);
    assertThat(defect(riff(fmt(1, 65, 8000, 130, 16, "")))).isEqualTo(Defect.BAD_FORMAT);
    assertThat(defect(riff(fmt(1, 1, 0, 2, 16, "")))).isEqualTo(Defect.BAD_FORMAT);
    assertThat(defect(riff(fmt(1, 1, -1, 2, 16, "")))).isEqualTo(Defect.BAD_FORMAT);
    assertThat(defect(riff(fmt(1, 2, 8000, 2, 16, "")))).isEqualTo(Defect.BAD_FORMAT);
    assertThat(defect(riff(fmt(0xFFFE, 1, 8000, 2, 16, "1600")))).isEqualTo(Defect.BAD_FORMAT);
    assertThat(defect(riff(fmt(3, 1, 8000, 4, 32, "")))).isEqualTo(Defect.UNSUPPORTED_FORMAT);
    assertThat(defect(riff(fmt(1, 1, 8000, 3, 24, "")))).isEqualTo(Defect.UNSUPPORTED_FORMAT);
    assertThat(defect(riff(fmt(0xFFFE, 1, 8000, 2, 16, "1600" + "00".repeat(22)))))
        .isEqualTo(Defect.UNSUPPORTED_FORMAT);
  }

  @Test
  void readAllKeepsToItsBound() throws IOException {
    byte[] file = riff(fmt(1, 1, 8000, 2, 16, ""), data(8, new byte[8]));
    assertThat(read(file)).hasSize(4);
    try (WavReader reader = WavReader.open(new ByteArrayInputStream(file))) {
      assertThat(defectOf(() -> reader.readAll(3))).isEqualTo(Defect.TOO_LARGE);
    }
  }

  @Test
  void anyBytesEndInAudioOrInATypedError() throws IOException {
    long seed = 1991;
    Random random = new Random(seed);
    byte[] good =
        riff(
            chunk("LIST", 3, bytes("01020300")),
            fmt(7, 2, 8000, 2, 8, "0000"),
            data(300, new byte[300]));
    int read = 0;
    int refused = 0;
    for (int round = 0; round < 50_000; round++) {
      byte[] file = Arrays.copyOf(good, random.nextInt(8) == 0 ? random.nextInt(400) : good.length);
      for (int flips = random.nextInt(5); flips > 0 && file.length > 0; flips--) {
        file[random.nextInt(Math.min(file.length, 80))] = (byte) random.nextInt(256);
      }
      try (WavReader reader = WavReader.open(new ByteArrayInputStream(file))) {
        assertThat(reader.readAll(1000).length).as("seed %d", seed).isLessThanOrEqualTo(400);
        read++;
      } catch (WavException e) {
        assertThat(e.defect()).as("seed %d, round %d", seed, round).isNotNull();
        refused++;
      }
    }
    assertThat(read).isGreaterThan(1000);
    assertThat(refused).isGreaterThan(1000);
  }

  private static short[] read(byte[] file) throws IOException {
    try (WavReader reader = WavReader.open(new ByteArrayInputStream(file))) {
      return reader.readAll(100_000);
    }
  }

  private static Defect defect(byte[] file) {
    return defectOf(() -> WavReader.open(new ByteArrayInputStream(file)));
  }

  private static Defect defectOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(WavException.class, call).defect();
  }

  private static short[] noise(Random random, int count) {
    short[] pcm = new short[count];
    for (int i = 0; i < count; i++) {
      pcm[i] = (short) random.nextInt();
    }
    return pcm;
  }

  private static byte[] fmt(
      int tag, int channels, int rateHz, int frameBytes, int bits, String extension) {
    byte[] more = bytes(extension);
    ByteBuffer body = ByteBuffer.allocate(16 + more.length).order(ByteOrder.LITTLE_ENDIAN);
    body.putShort((short) tag).putShort((short) channels).putInt(rateHz).putInt(0);
    body.putShort((short) frameBytes).putShort((short) bits).put(more);
    return chunk("fmt ", body.capacity(), body.array());
  }

  private static byte[] data(long size, byte[]... parts) {
    return chunk("data", size, parts);
  }

  private static byte[] chunk(String id, long size, byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(id.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt((int) size).array());
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] riff(byte[]... chunks) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("RIFF0000WAVE".getBytes(StandardCharsets.US_ASCII));
    for (byte[] chunk : chunks) {
      out.writeBytes(chunk);
    }
    byte[] file = out.toByteArray();
    putRiffSize(file, file.length - 8);
    return file;
  }

  private static void putRiffSize(byte[] file, int size) {
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(4, size);
  }

  private static byte[] bytes(String hex) {
    return java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  @Test
  void aDiskThatWasFullForAWhileCostsNoSampleAndNoByte() throws IOException {
    Path path = folder.resolve("full.wav");
    short[] samples = new short[10_000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (short) i;
    }
    for (int freeBytes : new int[] {0, 1, 777, 2001}) {
      FillingDisk disk =
          new FillingDisk(
              FileChannel.open(
                  path,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.TRUNCATE_EXISTING),
              WavHeader.ENCODED_BYTES + 4000 + freeBytes);
      try (WavWriter writer =
          WavWriter.on(disk, new WavFormat(WavFormat.Encoding.PCM16, 1, 8000))) {
        writer.write(samples, 0, 2000);
        writer.flush();
        writer.write(samples, 2000, 3000);
        assertThatThrownBy(writer::flush).hasMessageContaining("No space left");
        assertThat(writer.frames()).isEqualTo(5000);
        try (WavReader whole = WavReader.open(path)) {
          assertThat(whole.readAll(10_000)).isEqualTo(Arrays.copyOf(samples, 2000));
        }
        disk.free(1 << 20);
        writer.write(samples, 5000, 5000);
      }
      try (WavReader reader = WavReader.open(path)) {
        assertThat(reader.readAll(10_000)).as("%d bytes free", freeBytes).isEqualTo(samples);
      }
    }
  }
}
