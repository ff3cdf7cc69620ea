package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.ProjectFiles;

class CallAudioTest {
  @TempDir Path folder;

  @Test
  void sendsAHeaderlessRecordingOfTheSameLawSampleForSample() throws IOException {
    byte[] codes = Files.readAllBytes(ProjectFiles.recorded("card-slt.ulaw"));
    byte[] sent = bytes(CallAudio.read(ProjectFiles.recorded("card-slt.ulaw"), G711Law.PCMU));

    // μ-law alone has a negative zero, which comes out as the positive one.
    for (int i = 0; i < codes.length; i++) {
      codes[i] = codes[i] == 0x7F ? (byte) 0xFF : codes[i];
    }
    assertThat(sent).isEqualTo(codes);
  }

  @Test
  void sendsAG711WavOfTheSameLawByteForByte() throws IOException {
    Path file = ProjectFiles.recorded("pin-repeated-alaw.wav");
    byte[] wav = Files.readAllBytes(file);
    byte[] sent = bytes(CallAudio.read(file, G711Law.PCMA));

    assertThat(sent).isEqualTo(Arrays.copyOfRange(wav, wav.length - sent.length, wav.length));
  }

  @Test
  void turnsOneLawIntoTheOther() throws IOException {
    byte[] alaw = Files.readAllBytes(ProjectFiles.recorded("card-us.alaw"));
    byte[] sent = bytes(CallAudio.read(ProjectFiles.recorded("card-us.alaw"), G711Law.PCMU));

    assertThat(sent).hasSameSizeAs(alaw);
    for (int i = 0; i < sent.length; i++) {
      int was = G711Law.PCMA.decode(alaw[i]);
      assertThat(Math.abs(G711Law.PCMU.decode(sent[i]) - was))
          .isLessThanOrEqualTo(8 + Math.abs(was) / 16);
    }
  }

  @Test
  void fillsTheLastFrameWithSilence() {
    CallAudio audio = CallAudio.of(new short[161], G711Law.PCMA);

    assertThat(audio.frames()).isEqualTo(2);
    assertThat(Arrays.copyOfRange(bytes(audio), 161, 320)).containsOnly(0xD5);
  }

  @Test
  void halvesTheRateOfASixteenKilohertzRecording() throws IOException {
    short[] tone16k = new short[16000];
    for (int i = 0; i < tone16k.length; i++) {
      tone16k[i] = (short) (8000 * Math.sin(2 * Math.PI * 1000 * i / 16000.0));
    }
    CallAudio audio = CallAudio.read(wav("tone.wav", 16000, tone16k), G711Law.PCMU);
    double cosine = 0;
    double sine = 0;
    byte[] codes = bytes(audio);
    for (int i = 400; i < 7600; i++) {
      cosine += G711Law.PCMU.decode(codes[i]) * Math.cos(2 * Math.PI * 1000 * i / 8000.0);
      sine += G711Law.PCMU.decode(codes[i]) * Math.sin(2 * Math.PI * 1000 * i / 8000.0);
    }

    assertThat(audio.durationMs()).isEqualTo(1000);
    assertThat(Math.hypot(cosine, sine) / 3600).isBetween(7600.0, 8400.0);
  }

  @Test
  void findsWhereSomebodySpeaks() {
    short[] pcm = new short[8000 * 6];
    tone(pcm, 8000, 16000, 6000);
    tone(pcm, 17600, 20000, 6000); // after 200 ms: the same speech
    tone(pcm, 32000, 40000, 3000);
    tone(pcm, 44000, 44160, 6000); // 20 ms: a click

    assertThat(SpeechSpan.find(pcm))
        .containsExactly(new SpeechSpan(8000, 20000), new SpeechSpan(32000, 40000));
    assertThat(SpeechSpan.find(new short[8000])).isEmpty();
  }

  @Test
  void findsTheGroupsOfARecordingInNoise() throws IOException {
    CallAudio audio =
        CallAudio.read(ProjectFiles.recorded("phone-noise-12db-ulaw.wav"), G711Law.PCMU);

    assertThat(audio.speech()).hasSize(3);
    assertThat(audio.speech().getFirst().startSample()).isBetween(3600, 5200);
    assertThat(audio.durationMs() - audio.speech().getLast().endSample() / 8).isBetween(800, 1300);
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.wav"), "not audio");
    Path wide = wav("wide.wav", 44100, new short[441]);
    Path empty = wav("empty.wav", 8000, new short[0]);

    assertThatThrownBy(() -> CallAudio.read(text, G711Law.PCMU))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("notes.wav");
    assertThatThrownBy(() -> CallAudio.read(wide, G711Law.PCMU))
        .hasMessageContaining("wide.wav: 44100 Hz (expected: 8000 or 16000)");
    assertThatThrownBy(() -> CallAudio.read(empty, G711Law.PCMU))
        .hasMessageContaining("empty.wav: no audio in it");
    assertThatThrownBy(() -> CallAudio.read(folder.resolve("none.wav"), G711Law.PCMU))
        .hasMessageContaining("none.wav: no such file");
  }

  private static void tone(short[] pcm, int from, int to, int amplitude) {
    for (int i = from; i < to; i++) {
      pcm[i] = (short) (amplitude * Math.sin(i * 0.7));
    }
  }

  private static byte[] bytes(CallAudio audio) {
    byte[] all = new byte[audio.frames() * CallAudio.FRAME_BYTES];
    for (int i = 0; i < audio.frames(); i++) {
      audio.frame(i, all, i * CallAudio.FRAME_BYTES);
    }
    return all;
  }

  private Path wav(String name, int rateHz, short[] pcm) throws IOException {
    ByteBuffer wav = ByteBuffer.allocate(44 + 2 * pcm.length).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * pcm.length);
    wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII))
        .putInt(16)
        .putShort((short) 1)
        .putShort((short) 1);
    wav.putInt(rateHz).putInt(2 * rateHz).putShort((short) 2).putShort((short) 16);
    wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * pcm.length);
    for (short sample : pcm) {
      wav.putShort(sample);
    }
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(wav.array());
    }
    return file;
  }
}
