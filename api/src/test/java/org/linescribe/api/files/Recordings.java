package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Recordings of people, as they are and in other containers. */
final class Recordings {
  private static final Path HUMAN =
      Path.of(System.getProperty("linescribe.root"))
          .resolveSibling("shared")
          .resolve("test-calls/human");

  private Recordings() {}

  /** A recording and what is said in it. */
  record Recording(Path file, String words) {
    int errors(String heard) {
      return editDistance(split(words), split(heard));
    }
  }

  static Recording named(String name) {
    JsonNode manifest = JsonMapper.shared().readTree(HUMAN.resolve("manifest.json").toFile());
    return StreamSupport.stream(manifest.spliterator(), false)
        .filter(entry -> entry.get("file").asString().equals(name))
        .map(entry -> new Recording(HUMAN.resolve(name), entry.get("words").asString()))
        .findFirst()
        .orElseThrow();
  }

  /** All of them in one file, each after a pause. */
  static Recording joined(Path folder) {
    JsonNode manifest = JsonMapper.shared().readTree(HUMAN.resolve("manifest.json").toFile());
    List<String> inputs = new ArrayList<>();
    List<String> words = new ArrayList<>();
    StringBuilder filter = new StringBuilder();
    int count = 0;
    for (JsonNode entry : manifest) {
      inputs.addAll(List.of("-i", HUMAN.resolve(entry.get("file").asString()).toString()));
      words.add(entry.get("words").asString());
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
    return new Recording(file, String.join(" ", words));
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
    try (Ffmpeg ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), System::nanoTime)) {
      List<String> command = new ArrayList<>();
      command.add(ffmpeg.program().path().toString());
      command.addAll(List.of("-nostdin", "-loglevel", "error", "-y"));
      command.addAll(arguments);
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor(240, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(said).isZero();
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

  private static List<String> split(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
  }

  private static int editDistance(List<String> want, List<String> have) {
    int[] row = new int[have.size() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= want.size(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= have.size(); j++) {
        int substituted = diagonal + (want.get(i - 1).equals(have.get(j - 1)) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[have.size()];
  }
}
