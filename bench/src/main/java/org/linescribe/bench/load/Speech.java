package org.linescribe.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.linescribe.media.g711.G711Law;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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

  private static final int WAV_HEADER_BYTES = 44;

  /** Of the loudest frame's energy (amplitude squared): quieter frames are not speech. */
  private static final double SPEECH = 0.01;

  /**
   * @param onsetMs where its first word begins
   * @param endMs where its last word ends
   */
  record Phrase(long onsetMs, long endMs) {}

  private record Recording(short[] pcm, List<String> words) {}

  /**
   * What each of a number of clients says; they begin with different recordings.
   *
   * @param folder the recordings with their manifest.json
   */
  static List<Speech> forClients(Path folder, int clients, int seconds) throws IOException {
    List<Recording> recordings = new ArrayList<>();
    JsonNode manifest =
        JsonMapper.builder().build().readTree(Files.readString(folder.resolve("manifest.json")));
    for (JsonNode entry : manifest) {
      byte[] wav = Files.readAllBytes(folder.resolve(entry.get("file").asString()));
      short[] pcm = new short[(wav.length - WAV_HEADER_BYTES) / 2];
      ByteBuffer.wrap(wav, WAV_HEADER_BYTES, 2 * pcm.length)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asShortBuffer()
          .get(pcm);
      recordings.add(new Recording(pcm, List.of(entry.get("words").asString().split(" "))));
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
      phrases.add(phrase(recording.pcm(), at));
      words.addAll(recording.words());
      at += recording.pcm().length + PAUSE_SAMPLES;
    }
    return new Speech(pcm, phrases, words);
  }

  private static Phrase phrase(short[] pcm, int at) {
    double[] energy = new double[pcm.length / FRAME_SAMPLES];
    double loudest = 0;
    for (int frame = 0; frame < energy.length; frame++) {
      for (int i = frame * FRAME_SAMPLES; i < (frame + 1) * FRAME_SAMPLES; i++) {
        energy[frame] += (double) pcm[i] * pcm[i];
      }
      loudest = Math.max(loudest, energy[frame]);
    }
    int first = 0;
    while (energy[first] < SPEECH * loudest) {
      first++;
    }
    int last = energy.length - 1;
    while (energy[last] < SPEECH * loudest) {
      last--;
    }
    long startMs = at * 1000L / RATE_HZ;
    return new Phrase(startMs + first * 20L, startMs + (last + 1) * 20L);
  }

  byte[] muLaw() {
    byte[] codes = new byte[pcm.length];
    G711Law.PCMU.encode(pcm, 0, pcm.length, codes, 0);
    return codes;
  }

  /** Little endian. */
  byte[] bytes() {
    ByteBuffer bytes = ByteBuffer.allocate(2 * pcm.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(pcm);
    return bytes.array();
  }

  byte[] wav() {
    ByteBuffer wav =
        ByteBuffer.allocate(WAV_HEADER_BYTES + 2 * pcm.length).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
        .putInt(36 + 2 * pcm.length)
        .put("WAVEfmt ".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
        .putInt(16)
        .putShort((short) 1)
        .putShort((short) 1)
        .putInt(RATE_HZ)
        .putInt(2 * RATE_HZ)
        .putShort((short) 2)
        .putShort((short) 16)
        .put("data".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
        .putInt(2 * pcm.length)
        .put(bytes());
    return wav.array();
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

  /** Substitutions, insertions and deletions that turn the words into what was heard. */
  int errors(String heard) {
    String[] got =
        heard.isBlank() ? new String[0] : heard.strip().toUpperCase(Locale.ROOT).split("\\s+");
    int[] row = new int[got.length + 1];
    for (int j = 0; j <= got.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= words.size(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= got.length; j++) {
        int substituted = diagonal + (words.get(i - 1).equals(got[j - 1]) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[got.length];
  }
}
