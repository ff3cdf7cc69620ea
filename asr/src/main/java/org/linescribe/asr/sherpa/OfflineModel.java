package org.linescribe.asr.sherpa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.linescribe.asr.RecogniserException;

/**
 * An offline model's folder, as sherpa-onnx's models are packed.
 *
 * @param name the folder's name
 * @param kind transducer or Whisper
 * @param encoder its encoder
 * @param decoder its decoder
 * @param joiner its joiner; empty for Whisper
 * @param tokens its vocabulary
 * @param sampleRateHz the rate it was trained at
 */
public record OfflineModel(
    String name,
    Kind kind,
    Path encoder,
    Path decoder,
    Optional<Path> joiner,
    Path tokens,
    int sampleRateHz) {
  /** The families that are supported. */
  public enum Kind {
    TRANSDUCER,
    WHISPER
  }

  /**
   * Finds out what a folder holds: encoder, decoder and joiner are a transducer, without a joiner
   * Whisper ({@code tiny-encoder.int8.onnx}, {@code tiny-tokens.txt}).
   *
   * @throws RecogniserException naming what is missing
   */
  public static OfflineModel in(Path directory) {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new RecogniserException(directory + ": cannot be read: " + e, e);
    }
    Optional<Path> joiner = pick(files, "joiner", ".onnx");
    return new OfflineModel(
        String.valueOf(directory.toAbsolutePath().normalize().getFileName()),
        joiner.isPresent() ? Kind.TRANSDUCER : Kind.WHISPER,
        pick(files, "encoder", ".onnx").orElseThrow(() -> missing(directory, "encoder*.onnx")),
        pick(files, "decoder", ".onnx").orElseThrow(() -> missing(directory, "decoder*.onnx")),
        joiner,
        pick(files, "tokens", ".txt").orElseThrow(() -> missing(directory, "tokens.txt")),
        16_000);
  }

  private static Optional<Path> pick(List<Path> files, String part, String suffix) {
    List<Path> all =
        files.stream().filter(f -> name(f).contains(part) && name(f).endsWith(suffix)).toList();
    return all.stream()
        .filter(f -> name(f).contains(".int8."))
        .findFirst()
        .or(() -> all.stream().findFirst());
  }

  private static String name(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT);
  }

  private static RecogniserException missing(Path directory, String what) {
    return new RecogniserException(directory + ": no " + what);
  }
}
