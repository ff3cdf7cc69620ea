package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.linescribe.asr.StreamOptions;

/**
 * Finds out what model a folder holds, by its files' names and their metadata, the way that
 * sherpa-onnx's models are packed. Thread: any.
 */
final class LocalModel {
  private LocalModel() {}

  /**
   * @throws ModelException when the folder holds no streaming model that can be told
   */
  static ModelDescription describe(Path directory) throws ModelException {
    if (!Files.isDirectory(directory)) {
      throw new ModelException(directory + ": no such folder");
    }
    List<String> names;
    try (Stream<Path> files = Files.list(directory)) {
      names = files.filter(Files::isRegularFile).map(f -> f.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new ModelException(directory + ": cannot be read: " + e.getMessage(), e);
    }
    Optional<String> encoder = pick(names, true, "encoder");
    Optional<String> decoder = pick(names, false, "decoder");
    Optional<String> joiner = pick(names, true, "joiner");
    Map<String, ModelDescription.ModelFile> files = new HashMap<>();
    ModelType type;
    Map<String, String> metadata;
    if (encoder.isPresent()) {
      metadata = metadata(directory, encoder.get());
      files.put("encoder", file(encoder.get()));
      files.put("decoder", file(decoder.orElseThrow(() -> missing(directory, "decoder*.onnx"))));
      if (metadata.containsKey("lfr_window_size")) {
        type = ModelType.PARAFORMER;
      } else {
        files.put("joiner", file(joiner.orElseThrow(() -> missing(directory, "joiner*.onnx"))));
        type = transducer(directory.resolve(encoder.get()), metadata);
      }
    } else {
      String model =
          pick(names, true, "model", "ctc")
              .orElseThrow(() -> missing(directory, "encoder*.onnx, model*.onnx or ctc*.onnx"));
      metadata = metadata(directory, model);
      files.put("model", file(model));
      type = ctc(directory.resolve(model), metadata);
    }
    if (!names.contains("tokens.txt")) {
      throw missing(directory, "tokens.txt");
    }
    files.put("tokens", file("tokens.txt"));
    int rate = metadata.getOrDefault("sample_rate", "16000").equals("8000") ? 8000 : 16_000;
    return new ModelDescription(
        name(directory),
        "und",
        rate,
        type,
        files,
        Optional.empty(),
        false,
        0,
        "unknown",
        directory.toString(),
        StreamOptions.DEFAULT_ENDPOINT_SILENCE,
        "greedy_search");
  }

  private static ModelType transducer(Path file, Map<String, String> metadata)
      throws ModelException {
    String declared = metadata.getOrDefault("model_type", "");
    for (ModelType type : ModelType.values()) {
      if (!declared.isEmpty() && type.modelType().equals(declared)) {
        return type;
      }
    }
    throw new ModelException(
        file
            + ": model_type '"
            + declared
            + "' (expected: zipformer, zipformer2, lstm or conformer, of a streaming model)");
  }

  private static ModelType ctc(Path file, Map<String, String> metadata) throws ModelException {
    Set<String> keys = metadata.keySet();
    for (ModelType type :
        List.of(ModelType.ZIPFORMER2_CTC, ModelType.NEMO_CTC, ModelType.T_ONE_CTC)) {
      if (keys.containsAll(type.requiredMetadata("model"))) {
        return type;
      }
    }
    throw new ModelException(
        file + ": its metadata is of no known streaming CTC model (zipformer2, NeMo, T-one)");
  }

  /** Quantised weights are several times quicker; a decoder is small and better left whole. */
  private static Optional<String> pick(List<String> names, boolean quantised, String... prefixes) {
    return names.stream()
        .filter(n -> n.endsWith(".onnx"))
        .filter(n -> Stream.of(prefixes).anyMatch(n.toLowerCase(Locale.ROOT)::startsWith))
        .min(
            Comparator.comparing((String n) -> n.endsWith(".int8.onnx") != quantised)
                .thenComparing(Comparator.naturalOrder()));
  }

  private static Map<String, String> metadata(Path directory, String name) throws ModelException {
    Path file = directory.resolve(name);
    OnnxFile.requireFile(file);
    return OnnxFile.read(file).metadata();
  }

  private static String name(Path directory) {
    String name = String.valueOf(directory.toAbsolutePath().normalize().getFileName());
    String plain = name.replaceAll("[^A-Za-z0-9._-]", "-").replaceAll("^[^A-Za-z0-9]+", "");
    return plain.isEmpty() ? "local" : plain.substring(0, Math.min(128, plain.length()));
  }

  private static ModelDescription.ModelFile file(String name) {
    return new ModelDescription.ModelFile(name, Optional.empty(), Optional.empty());
  }

  private static ModelException missing(Path directory, String what) {
    return new ModelException(directory + ": no " + what);
  }
}
