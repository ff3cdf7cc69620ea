package org.linescribe.api.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.linescribe.api.BundledFfmpeg;
import org.linescribe.testsupport.HumanRecording;

/** ConvertedRecordings of people, as they are and in other containers. */
final class ConvertedRecordings {
  private ConvertedRecordings() {}

  /** All of them in one file, each after a pause. */
  static HumanRecording joined(Path folder) {
    List<String> inputs = new ArrayList<>();
    List<String> words = new ArrayList<>();
    StringBuilder filter = new StringBuilder();
    int count = 0;
    for (HumanRecording entry : HumanRecording.all()) {
      inputs.addAll(List.of("-i", entry.file().toString()));
      words.add(entry.words());
      filter.append("[").append(count).append("]apad=pad_dur=1.6[p").append(count).append("];");
      count++;
    }
    for (int i = 0; i < count; i++) {
      filter.append("[p").append(i).append("]");
    }
    filter.append("concat=n=").append(count).append(":v=0:a=1");
    Path file = folder.resolve("joined.wav");
    List<String> arguments = new ArrayList<>(inputs);
    arguments.addAll(List.of("-filter_complex", filter.toString(), file.toString()));
    ffmpeg(arguments);
    return new HumanRecording(file, String.join(" ", words));
  }

  /** Converts by the FFmpeg that comes with the program. */
  static Path converted(Path from, Path to, String... options) {
    List<String> arguments = new ArrayList<>(List.of("-i", from.toString()));
    arguments.addAll(Arrays.asList(options));
    arguments.add(to.toString());
    ffmpeg(arguments);
    return to;
  }

  private static void ffmpeg(List<String> arguments) {
    try {
      BundledFfmpeg.run(arguments);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
