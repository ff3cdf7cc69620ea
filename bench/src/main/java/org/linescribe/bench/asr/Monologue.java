package org.linescribe.bench.asr;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.RecordedCall;

/**
 * Somebody who speaks without a breath: recordings one behind the other, of each pause only the
 * shortest rest.
 *
 * @param pcm mono, 16-bit, 8 kHz
 * @param words what is said
 * @param pauses where pauses were cut out, in order
 */
record Monologue(short[] pcm, String words, List<Pause> pauses) {
  static final int RATE_HZ = 8000;

  private static final int FRAME = RATE_HZ / 100;

  /** -55 dBFS, as a mean: above it are an "s" and an "f" on a telephone line. */
  private static final double QUIET = 60;

  /** What is quiet for shorter is a part of a word: the closure of a "t" or a "p". */
  private static final int PAUSE_FRAMES = 8;

  private static final int KEPT_FRAMES = 2;

  /**
   * A pause that was cut out.
   *
   * @param at where, in samples of the monologue
   * @param frames how much of it, in 10 ms
   */
  record Pause(int at, int frames) {}

  static Monologue of(List<RecordedCall> recordings) throws IOException {
    short[] kept = new short[1 << 16];
    int length = 0;
    List<String> words = new ArrayList<>();
    List<Pause> pauses = new ArrayList<>();
    int quiet = 0;
    for (RecordedCall recording : recordings) {
      short[] pcm = CallAudio.pcm8k(recording.file());
      words.add(recording.words());
      for (int at = 0; at + FRAME <= pcm.length; at += FRAME) {
        boolean isQuiet = level(pcm, at) < QUIET;
        if (!isQuiet && quiet >= PAUSE_FRAMES) {
          length -= (quiet - KEPT_FRAMES) * FRAME;
          pauses.add(new Pause(length - KEPT_FRAMES * FRAME / 2, quiet - KEPT_FRAMES));
        }
        quiet = isQuiet ? quiet + 1 : 0;
        if (kept.length < length + FRAME) {
          kept = Arrays.copyOf(kept, kept.length * 2);
        }
        System.arraycopy(pcm, at, kept, length, FRAME);
        length += FRAME;
      }
    }
    return new Monologue(
        Arrays.copyOf(kept, length), String.join(" ", words).replace("\"", ""), pauses);
  }

  private static double level(short[] pcm, int from) {
    double sum = 0;
    for (int i = from; i < from + FRAME; i++) {
      sum += (double) pcm[i] * pcm[i];
    }
    return Math.sqrt(sum / FRAME);
  }

  double seconds() {
    return pcm.length / (double) RATE_HZ;
  }

  /** Writes it as a recording that the call tool can place. */
  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path wav = folder.resolve("monologue.wav");
    Files.deleteIfExists(wav);
    try (WavWriter writer = WavWriter.create(wav, RATE_HZ, 1)) {
      writer.write(pcm, 0, pcm.length);
    }
    Files.writeString(
        folder.resolve("manifest.json"),
        "[{\"file\": \"monologue.wav\", \"words\": \"%s\"}]%n".formatted(words));
  }

  /**
   * Pieces that end where the longest pauses were, as nobody can know who hears it live.
   *
   * @param longest in samples
   * @return where the pieces end
   */
  List<Integer> pieces(int longest) {
    List<Integer> ends = new ArrayList<>();
    int from = 0;
    while (pcm.length - from > longest) {
      int best = from + longest;
      int most = 0;
      for (Pause pause : pauses) {
        if (pause.at() > from + longest / 3
            && pause.at() <= from + longest
            && pause.frames() >= most) {
          most = pause.frames();
          best = pause.at();
        }
      }
      ends.add(best);
      from = best;
    }
    ends.add(pcm.length);
    return ends;
  }
}
