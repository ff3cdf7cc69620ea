package org.linescribe.asr.catalogue;

import static org.linescribe.asr.catalogue.SpokenLanguages.MANY;
import static org.linescribe.asr.catalogue.SpokenLanguages.UNKNOWN;

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
  private static final Set<String> STREAMING_ENCODERS =
      Set.of("zipformer", "zipformer2", "conformer");

  private LocalModel() {}

  /**
   * @throws ModelException when the folder holds no model that can be told
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
    requireOneKind(directory, names);
    Map<String, String> byRole = new HashMap<>();
    pick(names, "encoder", "encode.").ifPresent(n -> byRole.put("encoder", n));
    pick(names, "joiner").ifPresent(n -> byRole.put("joiner", n));
    Optional<String> model = pick(names, "model", "ctc");
    ModelType type;
    Map<String, String> metadata;
    if (pick(names, "preprocess").isPresent()) {
      pick(names, "preprocess").ifPresent(n -> byRole.put("preprocessor", n));
      pick(names, "uncached").ifPresent(n -> byRole.put("uncached-decoder", n));
      pick(names, "cached").ifPresent(n -> byRole.put("cached-decoder", n));
      byRole.remove("joiner");
      type = ModelType.MOONSHINE_SPLIT;
      metadata = Map.of();
    } else if (byRole.containsKey("encoder")) {
      metadata = metadata(directory, byRole.get("encoder"));
      type = encoderModel(directory, byRole, metadata);
      boolean small = type.isStreaming() || type == ModelType.OFFLINE_TRANSDUCER;
      (small ? pickWhole(names, "decoder") : pick(names, "decoder"))
          .ifPresent(n -> byRole.put("decoder", n));
    } else if (model.isPresent()) {
      metadata = metadata(directory, model.get());
      byRole.put("model", model.get());
      type = ctc(directory.resolve(model.get()), metadata);
    } else {
      throw missing(directory, "encoder*.onnx, encoder*.ort, model*.onnx or ctc*.onnx");
    }
    Map<String, ModelDescription.ModelFile> files = new HashMap<>();
    for (String role : type.roles()) {
      String name = byRole.get(role);
      if (name == null) {
        throw missing(directory, role + "*.onnx, which a " + type.key() + " model needs");
      }
      files.put(role, file(name));
    }
    String tokens =
        names.stream()
            .filter(n -> n.equals("tokens.txt") || n.endsWith("-tokens.txt"))
            .min(Comparator.comparing((String n) -> !n.equals("tokens.txt")))
            .orElseThrow(() -> missing(directory, "tokens.txt"));
    files.put("tokens", file(tokens));
    int rate = metadata.getOrDefault("sample_rate", "16000").equals("8000") ? 8000 : 16_000;
    return new ModelDescription(
        name(directory),
        language(type, metadata),
        List.of(),
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

  /** Models come in one format; parts of two would be picked at random. */
  private static void requireOneKind(Path directory, List<String> names) throws ModelException {
    List<String> parts =
        names.stream()
            .filter(name -> name.matches("(?i).*(encode|decode|joiner|preprocess).*"))
            .sorted()
            .toList();
    Optional<String> ort = parts.stream().filter(n -> n.endsWith(OrtFile.SUFFIX)).findFirst();
    Optional<String> onnx = parts.stream().filter(n -> n.endsWith(".onnx")).findFirst();
    if (ort.isPresent() && onnx.isPresent()) {
      throw new ModelException(
          "%s: mixes models: %s and %s (expected: the files of one)"
              .formatted(directory, onnx.get(), ort.get()));
    }
  }

  /** What an encoder belongs to, by its metadata and by whether there is a joiner beside it. */
  private static ModelType encoderModel(
      Path directory, Map<String, String> byRole, Map<String, String> metadata)
      throws ModelException {
    Path file = directory.resolve(String.valueOf(byRole.get("encoder")));
    String declared = metadata.getOrDefault("model_type", "");
    if (!byRole.containsKey("joiner")) {
      if (file.toString().endsWith(OrtFile.SUFFIX)) {
        return ModelType.MOONSHINE;
      }
      if (metadata.containsKey("lfr_window_size")) {
        return ModelType.PARAFORMER;
      }
      if (metadata.containsKey("n_text_layer") || declared.startsWith("whisper")) {
        return ModelType.WHISPER;
      }
      throw missing(directory, "joiner*.onnx");
    }
    if (metadata.containsKey("pred_rnn_layers")) {
      return ModelType.OFFLINE_NEMO_TRANSDUCER;
    }
    boolean streaming =
        metadata.containsKey("decode_chunk_len")
            && !metadata.getOrDefault("comment", "").contains("non-streaming");
    for (ModelType type : ModelType.values()) {
      if (streaming && type.isStreaming() && type.modelType().equals(declared)) {
        return type;
      }
    }
    if (!streaming && (declared.isEmpty() || STREAMING_ENCODERS.contains(declared))) {
      return ModelType.OFFLINE_TRANSDUCER;
    }
    throw new ModelException(
        file
            + ": model_type '"
            + declared
            + "' (expected: zipformer, zipformer2, lstm or conformer)");
  }

  private static ModelType ctc(Path file, Map<String, String> metadata) throws ModelException {
    Set<String> keys = metadata.keySet();
    for (ModelType type :
        List.of(
            ModelType.ZIPFORMER2_CTC,
            ModelType.NEMO_CTC,
            ModelType.T_ONE_CTC,
            ModelType.SENSE_VOICE,
            ModelType.OFFLINE_NEMO_CTC)) {
      if (keys.containsAll(type.requiredMetadata("model"))) {
        return type;
      }
    }
    throw new ModelException(
        file
            + ": its metadata is of no known model (streaming zipformer2, NeMo or T-one CTC,"
            + " SenseVoice, NeMo CTC)");
  }

  /** Quantised weights are several times quicker. */
  private static Optional<String> pick(List<String> names, String... parts) {
    return pick(names, true, parts);
  }

  /** A transducer's decoder is small and better left whole. */
  private static Optional<String> pickWhole(List<String> names, String part) {
    return pick(names, false, part);
  }

  /** Files are named after their part, perhaps behind the model's name: tiny-encoder.int8.onnx. */
  private static Optional<String> pick(List<String> names, boolean quantised, String... parts) {
    return names.stream()
        .filter(n -> n.endsWith(".onnx") || n.endsWith(OrtFile.SUFFIX))
        .filter(
            n ->
                Stream.of(parts)
                    .anyMatch(
                        part ->
                            n.toLowerCase(Locale.ROOT).startsWith(part)
                                || n.toLowerCase(Locale.ROOT).contains("-" + part)))
        .min(
            Comparator.comparing((String n) -> n.endsWith(".int8.onnx") != quantised)
                .thenComparing(Comparator.naturalOrder()));
  }

  private static Map<String, String> metadata(Path directory, String name) throws ModelException {
    Path file = directory.resolve(name);
    OnnxFile.requireFile(file);
    return OnnxFile.read(file).metadata();
  }

  private static String language(ModelType type, Map<String, String> metadata) {
    return switch (type) {
      case WHISPER -> metadata.getOrDefault("is_multilingual", "1").equals("1") ? MANY : "en";
      case SENSE_VOICE -> MANY;
      default -> UNKNOWN;
    };
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
