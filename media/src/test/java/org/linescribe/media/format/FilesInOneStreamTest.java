package org.linescribe.media.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several files in one stream, as from a client that puts a whole file into every message. */
class FilesInOneStreamTest {
  private static final int RATE_HZ = 8000;

  @TempDir Path directory;
  private final Ffmpeg ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), System::nanoTime);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @AfterEach
  void leavesNoChildBehind() {
    await().until(() -> ffmpeg.running() == 0);
    ffmpeg.close();
  }

  private byte[] tone(String name, String arguments) throws Exception {
    Path target = directory.resolve(name);
    List<String> command = new ArrayList<>();
    command.add(ffmpeg.program().path().toString());
    command.addAll(List.of("-nostdin", "-loglevel", "error", "-y"));
    command.addAll(List.of("-f", "lavfi", "-i", "sine=440:d=0.5:r=" + RATE_HZ));
    command.addAll(List.of(arguments.split(" ")));
    command.add(target.toString());
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    return Files.readAllBytes(target);
  }

  private int decode(List<byte[]> messages) throws IOException {
    out.reset();
    try (StreamDecoder decoder =
        new StreamDecoder(
            ffmpeg, RATE_HZ, 1, Optional.empty(), DecodeLimits.live(), LiveDecoding.into(out))) {
      for (byte[] message : messages) {
        decoder.write(message, 0, message.length);
      }
      decoder.finish();
    }
    return out.size() / 2;
  }

  private static List<byte[]> cut(byte[] file, int times, long seed) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      all.write(file);
    }
    byte[] stream = all.toByteArray();
    Random random = new Random(seed);
    List<byte[]> pieces = new ArrayList<>();
    for (int at = 0; at < stream.length; ) {
      int length = Math.min(stream.length - at, 1 + random.nextInt(700));
      pieces.add(java.util.Arrays.copyOfRange(stream, at, at + length));
      at += length;
    }
    return pieces;
  }

  @ParameterizedTest
  @CsvSource({
    "ulaw.wav, -c:a pcm_mulaw",
    "alaw.wav, -c:a pcm_alaw",
    "s16.wav, -c:a pcm_s16le",
    "s24.wav, -c:a pcm_s24le",
    "float.wav, -c:a pcm_f32le",
    "rate.wav, -ar 44100 -c:a pcm_s16le",
    "stereo.wav, -ac 2 -c:a pcm_mulaw",
    "adpcm.wav, -c:a adpcm_ima_wav",
    "last.m4a, -c:a aac",
    "first.m4a, -c:a aac -movflags +faststart",
    "fragmented.mp4, -c:a aac -movflags +frag_keyframe+empty_moov",
    "opus.webm, -c:a libopus",
    "opus.ogg, -c:a libopus",
    "tone.flac, -c:a flac",
    "tone.mp3, -c:a libmp3lame",
    "tone.aac, -c:a aac -f adts",
  })
  void everyFileIsDecodedPerMessageAndCutAnywhere(String name, String arguments) throws Exception {
    byte[] file = tone(name, arguments);
    int once = decode(List.of(file));
    assertThat(once).isBetween(3500, 5200);
    assertThat(decode(List.of(file, file, file)))
        .as("per message")
        .isBetween(3 * once - 300, 3 * once + 2600);
    int whole = out.size();
    long seed = 20261129;
    assertThat(decode(cut(file, 3, seed))).as("cut anywhere, seed %d", seed).isEqualTo(whole / 2);
  }

  private static byte[] wav(int tag, byte[]... chunks) {
    int bits = tag == 1 ? 16 : 8;
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ByteBuffer head = ByteBuffer.allocate(36).order(ByteOrder.LITTLE_ENDIAN);
    head.put("RIFF".getBytes()).putInt(36).put("WAVEfmt ".getBytes()).putInt(16);
    head.putShort((short) tag).putShort((short) 1).putInt(RATE_HZ).putInt(RATE_HZ * bits / 8);
    head.putShort((short) (bits / 8)).putShort((short) bits);
    file.writeBytes(head.array());
    for (byte[] chunk : chunks) {
      file.writeBytes(chunk);
    }
    return file.toByteArray();
  }

  private static byte[] chunk(String id, int bytes, boolean pad) {
    ByteBuffer chunk =
        ByteBuffer.allocate(8 + bytes + (pad ? 1 : 0)).order(ByteOrder.LITTLE_ENDIAN);
    chunk.put(id.getBytes()).putInt(bytes);
    for (int i = 0; i < bytes; i++) {
      chunk.put((byte) 0x55);
    }
    return chunk.array();
  }

  @Test
  void allDataChunksOfAWavAreDecoded() throws Exception {
    for (int tag : new int[] {1, 7}) {
      int samples = tag == 1 ? 800 : 1600;
      byte[] file = wav(tag, chunk("data", 1600, false), chunk("data", 1600, false));
      assertThat(decode(List.of(file))).as("tag %d", tag).isEqualTo(2 * samples);
    }
  }

  @Test
  void anOddChunkMayLackItsPadByte() throws Exception {
    for (boolean pad : new boolean[] {false, true}) {
      byte[] file =
          wav(1, chunk("LIST", 27, pad), chunk("data", 1600, false), chunk("LIST", 3, pad));
      assertThat(decode(List.of(file, file))).as("pad %s", pad).isEqualTo(1600);
      byte[] law = wav(7, chunk("data", 801, pad));
      assertThat(decode(List.of(law, law))).as("pad %s", pad).isEqualTo(1602);
    }
  }

  @Test
  void theSizeInTheRiffHeaderIsNotUsed() throws Exception {
    for (int size : new int[] {0, 36, 4088, -1}) {
      byte[] file = wav(1, chunk("data", 16_000, false));
      ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(4, size);
      assertThat(decode(List.of(file, file))).as("size %d", size).isEqualTo(16_000);
    }
  }

  @Test
  void aFileWhoseFirstPieceIsShorterThanItsSignatureIsRecognised() throws Exception {
    for (String name : List.of("a.flac", "a.wav", "a.ogg")) {
      byte[] file = tone(name, name.endsWith("ogg") ? "-c:a libopus" : "-ar 8000");
      int whole = decode(List.of(file));
      for (int first = 1; first < 12; first++) {
        List<byte[]> pieces =
            List.of(
                java.util.Arrays.copyOf(file, first),
                java.util.Arrays.copyOfRange(file, first, file.length));
        assertThat(decode(pieces)).as("%s after %d", name, first).isEqualTo(whole);
      }
    }
  }
}
