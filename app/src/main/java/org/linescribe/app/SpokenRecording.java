package org.linescribe.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.linescribe.media.resources.TemporaryFolder;
import org.linescribe.media.wav.WavReader;

/** The recording of speech that comes with the program: mono, 16-bit, 8000 Hz. */
final class SpokenRecording {
  static final int SAMPLE_RATE_HZ = 8000;
  private static final String RESOURCE = "/recorded/phone-gb.wav";
  private static final int LONGEST_S = 60;

  /** Reads a file with the recording, which is deleted afterwards. */
  @FunctionalInterface
  interface Reading<T> {
    T of(Path file) throws IOException, InterruptedException;
  }

  private SpokenRecording() {}

  static <T> T inFile(Reading<T> reading) throws IOException, InterruptedException {
    Path file = TemporaryFolder.createFile("speech", ".wav");
    try (InputStream in = SpokenRecording.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IOException("the recording is missing in this build");
      }
      Files.write(file, in.readAllBytes());
      return reading.of(file);
    } finally {
      Files.delete(file);
    }
  }

  static short[] pcm() throws IOException, InterruptedException {
    return inFile(
        file -> {
          try (WavReader reader = WavReader.open(file)) {
            return reader.readAll(SAMPLE_RATE_HZ * LONGEST_S);
          }
        });
  }
}
