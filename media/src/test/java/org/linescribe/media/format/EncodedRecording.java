package org.linescribe.media.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.Pcm16Wav;

/** Test files, encoded by the bundled FFmpeg from a recorded call (8 kHz mono, 8.1 s). */
final class EncodedRecording {
  static final int RATE_HZ = 8000;

  private final Ffmpeg ffmpeg;
  private final Path directory;
  private final Path source;

  EncodedRecording(Ffmpeg ffmpeg, Path directory) {
    this.ffmpeg = ffmpeg;
    this.directory = directory;
    this.source = HumanRecording.named("phone-theo-1.wav").file();
  }

  /** The recording's PCM16. */
  byte[] pcm() {
    return Pcm16Wav.bytes(source);
  }

  Path source() {
    return source;
  }

  Path encoded(String name, String... arguments) throws IOException, InterruptedException {
    return encodedFrom(List.of("-i", source.toString()), name, arguments);
  }

  /** The recording, played again and again. */
  Path encodedLong(int times, String name, String... arguments)
      throws IOException, InterruptedException {
    return encodedFrom(
        List.of("-stream_loop", String.valueOf(times - 1), "-i", source.toString()),
        name,
        arguments);
  }

  private Path encodedFrom(List<String> input, String name, String... arguments)
      throws IOException, InterruptedException {
    Path target = directory.resolve(name);
    List<String> command =
        new ArrayList<>(
            List.of(ffmpeg.program().path().toString(), "-nostdin", "-loglevel", "error", "-y"));
    command.addAll(input);
    command.addAll(List.of(arguments));
    command.add(target.toString());
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException("ffmpeg ended with " + status + " on " + name);
    }
    return target;
  }

  /**
   * Normalised correlation of two PCM16 signals at the best shift of up to 150 ms: AAC's first
   * frame is priming.
   */
  static double likeness(byte[] expected, byte[] actual) {
    double best = 0;
    for (int shift = -1200; shift <= 1200; shift++) {
      best = Math.max(best, correlation(expected, actual, shift));
    }
    return best;
  }

  private static double correlation(byte[] a, byte[] b, int shift) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = Math.max(0, -shift); i < a.length / 2 && i + shift < b.length / 2; i++) {
      double x = sample(a, i);
      double y = sample(b, i + shift);
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
    return aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa * bb);
  }

  private static short sample(byte[] pcm, int index) {
    return (short) ((pcm[2 * index] & 0xFF) | (pcm[2 * index + 1] << 8));
  }
}
