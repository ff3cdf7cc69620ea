package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.linescribe.media.resources.Sha256;

/**
 * Checks a model's files before native code sees them: the library ends the process on most of
 * these faults. What passes here may still be broken inside; a model that is not known by its hash
 * is probed in a child process besides. Thread: any.
 */
public final class ModelValidator {
  private static final int MAX_TOKENS = 1_000_000;

  private static final String SHA256SUMS = "SHA256SUMS";

  private ModelValidator() {}

  /**
   * @throws ModelException naming the file and the fault
   */
  public static void validate(ModelDescription model, Path directory) throws ModelException {
    long vocabulary = 0;
    for (String role : model.type().roles()) {
      Path file = directory.resolve(model.file(role).name());
      OnnxFile.requireFile(file);
      OnnxFile onnx = OnnxFile.read(file);
      requireMetadata(model, role, file, onnx.metadata());
      vocabulary = Math.max(vocabulary, vocabulary(model.type(), role, file, onnx));
    }
    Path tokens = directory.resolve(model.file("tokens").name());
    OnnxFile.requireFile(tokens);
    int count = tokens(tokens);
    if (count < vocabulary) {
      throw new ModelException(
          tokens + ": " + count + " tokens (expected: at least the model's " + vocabulary + ")");
    }
    if (!model.bundled()) {
      requireListedHashes(directory, model.files().values());
    }
  }

  /**
   * Whether it is a Whisper whose decoder writes its attention besides logits and the two caches:
   * the library computes times of tokens from it.
   *
   * @throws ModelException where its decoder is not ONNX
   */
  public static boolean attends(ModelDescription model, Path directory) throws ModelException {
    return model.type() == ModelType.WHISPER
        && OnnxFile.read(directory.resolve(model.file("decoder").name())).outputs() > 3;
  }

  /**
   * Holds the files to the hashes that the model's maker put beside them, where there are any: a
   * flipped weight is a sound ONNX model otherwise, and loads.
   */
  private static void requireListedHashes(
      Path directory, Collection<ModelDescription.ModelFile> files) throws ModelException {
    Path list = directory.resolve(SHA256SUMS);
    if (!Files.isRegularFile(list)) {
      return;
    }
    try {
      Map<String, String> listed = new HashMap<>();
      for (String line : Files.readAllLines(list)) {
        String[] words = line.strip().split("\\s+[*]?", 2);
        if (words.length == 2) {
          listed.put(words[1], words[0].toLowerCase(Locale.ROOT));
        }
      }
      for (ModelDescription.ModelFile file : files) {
        Path path = directory.resolve(file.name());
        String expected = listed.get(file.name());
        if (expected != null && Files.exists(path) && !Sha256.ofFile(path).equals(expected)) {
          throw new ModelException(path + ": altered (its sha256 is not the one in SHA256SUMS)");
        }
      }
    } catch (IOException e) {
      throw e instanceof ModelException altered
          ? altered
          : new ModelException(list + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static void requireMetadata(
      ModelDescription model, String role, Path file, Map<String, String> metadata)
      throws ModelException {
    for (String key : model.type().requiredMetadata(role)) {
      if (metadata.getOrDefault(key, "").isBlank()) {
        throw new ModelException(
            file + ": no metadata '" + key + "', which a " + model.type().key() + " needs");
      }
    }
    boolean first = role.equals("encoder") && model.type().isStreaming();
    String declared = metadata.getOrDefault("model_type", "");
    String expected = model.type().modelType();
    if (first && !expected.isEmpty() && !declared.isEmpty() && !declared.equals(expected)) {
      throw new ModelException(
          file + ": model_type '" + declared + "' (expected: " + expected + ")");
    }
    String rate = metadata.getOrDefault("sample_rate", "");
    if (!rate.isEmpty() && !rate.equals(Integer.toString(model.sampleRateHz()))) {
      throw new ModelException(
          file + ": sample_rate " + rate + " (expected: " + model.sampleRateHz() + ")");
    }
  }

  private static long vocabulary(ModelType type, String role, Path file, OnnxFile onnx)
      throws ModelException {
    long declared = 0;
    String text = onnx.metadata().getOrDefault("vocab_size", "");
    if (!text.isEmpty()) {
      try {
        declared = Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw new ModelException(file + ": vocab_size '" + text + "' (expected: a number)", e);
      }
    }
    OptionalLong width = onnx.lastOutputDimension();
    // Logits are the first output of a joiner and of a CTC model; behind those of the words, the
    // joiner of a TDT model has some of durations.
    boolean logits =
        role.equals("joiner") && type != ModelType.OFFLINE_NEMO_TRANSDUCER
            || type.isCtc() && width.isPresent();
    // NeMo does not count the blank.
    declared += declared > 0 && type == ModelType.OFFLINE_NEMO_TRANSDUCER ? 1 : 0;
    return logits ? Math.max(declared, width.orElse(0)) : declared;
  }

  /** Counts the tokens; every line is a token and its number, and the numbers are dense from 0. */
  private static int tokens(Path file) throws ModelException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (MalformedInputException e) {
      throw new ModelException(file + ": not UTF-8", e);
    } catch (IOException e) {
      throw new ModelException(file + ": cannot be read: " + e.getMessage(), e);
    }
    BitSet seen = new BitSet();
    int number = 0;
    for (String line : lines) {
      number++;
      // The token itself may be a space: then the number stands alone.
      String last = line.strip().substring(line.strip().lastIndexOf(' ') + 1);
      last = last.substring(last.lastIndexOf('\t') + 1);
      if (!last.matches("[0-9]{1,7}") || Integer.parseInt(last) >= MAX_TOKENS) {
        throw new ModelException(
            file + ": line " + number + " has no number (expected: a token, a space, its number)");
      }
      int id = Integer.parseInt(last);
      if (seen.get(id)) {
        throw new ModelException(file + ": line " + number + ": number " + id + " again");
      }
      seen.set(id);
    }
    if (seen.cardinality() != seen.length()) {
      throw new ModelException(
          file + ": number " + seen.nextClearBit(0) + " is missing (expected: dense from 0)");
    }
    return seen.cardinality();
  }
}
