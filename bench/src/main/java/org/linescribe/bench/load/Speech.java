package org.linescribe.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.linescribe.media.codec.Pcm16;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SpeechSpan;
import org.linescribe.testcalls.WordErrors;

/**
 * What one client says: recordings of people one after the other, with pauses between.
 *
 * @param pcm mono, 16 bit, 8 kHz
 * @param phrases the recordings in it, in order
 * @param words what is said in all of it
 */
record Speech(short[] pcm, List<Phrase> phrases, List<String> words) {
  static final int RATE_HZ = 8000;
  static final int FRAME_SAMPLES = 160;

  /** Longer than the silence that ends an utterance, so that each recording has a final. */
  private static final int PAUSE_SAMPLES = 2 * RATE_HZ;

  /**
   * @param onsetMs where its first word begins
   * @param endMs where its last word ends
   */
  record Phrase(long onsetMs, long endMs) {}

  private record Recording(short[] pcm, List<String> words, List<SpeechSpan> speech) {
    static Recording of(RecordedCall call) throws IOException {
      short[] pcm = CallAudio.pcm8k(call.file());
      return new Recording(
          pcm,
          List.of(Objects.requireNonNull(call.words()).split(" ")),
          CallAudio.of(pcm, G711Law.PCMU).speech());
    }
  }

  /**
   * What each of a number of clients says; they begin with different recordings.
   *
   * @param folder the recordings with their manifest.json
   */
  static List<Speech> forClients(Path folder, int clients, int seconds) throws IOException {
    List<Recording> recordings = new ArrayList<>();
    for (RecordedCall call : RecordedCall.find(List.of(folder), null)) {
      recordings.add(Recording.of(call));
    }
    List<Speech> different =
        IntStream.range(0, recordings.size())
            .mapToObj(first -> joined(recordings, first, seconds * RATE_HZ))
            .toList();
    return IntStream.range(0, clients).mapToObj(i -> different.get(i % different.size())).toList();
  }

  private static Speech joined(List<Recording> recordings, int first, int samples) {
    List<Recording> chosen = new ArrayList<>();
    int length = 0;
    for (int i = first; length < samples; i++) {
      chosen.add(recordings.get(i % recordings.size()));
      length += chosen.getLast().pcm().length + PAUSE_SAMPLES;
    }
    short[] pcm = new short[length];
    List<Phrase> phrases = new ArrayList<>();
    List<String> words = new ArrayList<>();
    int at = 0;
    for (Recording recording : chosen) {
      System.arraycopy(recording.pcm(), 0, pcm, at, recording.pcm().length);
      phrases.add(
          new Phrase(
              (at + recording.speech().getFirst().startSample()) * 1000L / RATE_HZ,
              (at + recording.speech().getLast().endSample()) * 1000L / RATE_HZ));
      words.addAll(recording.words());
      at += recording.pcm().length + PAUSE_SAMPLES;
    }
    return new Speech(pcm, phrases, words);
  }

  byte[] muLaw() {
    byte[] codes = new byte[pcm.length];
    G711Law.PCMU.encode(pcm, 0, pcm.length, codes, 0);
    return codes;
  }

  /** Little endian. */
  byte[] bytes() {
    return Pcm16.bytes(pcm);
  }

  byte[] wav() {
    byte[] audio = bytes();
    byte[] header = WavWriter.header(RATE_HZ, 1, audio.length);
    return ByteBuffer.allocate(header.length + audio.length).put(header).put(audio).array();
  }

  /** As FFmpeg on the path encodes it. */
  byte[] mp3(Path folder) throws IOException, InterruptedException {
    Path wav = Files.createTempFile(folder, "speech", ".wav");
    Path mp3 = Files.createTempFile(folder, "speech", ".mp3");
    Files.write(wav, wav());
    Process ffmpeg =
        new ProcessBuilder(
                "ffmpeg", "-v", "error", "-y", "-i", wav.toString(), "-b:a", "32k", mp3.toString())
            .inheritIO()
            .start();
    if (ffmpeg.waitFor() != 0) {
      throw new IOException("ffmpeg does not encode: is it on the path?");
    }
    return Files.readAllBytes(mp3);
  }

  /** As {@code linescribe call} counts them. */
  int errors(String heard) {
    return WordErrors.between(String.join(" ", words), heard).errors();
  }
}
