package org.linescribe.asr.catalogue;

import java.nio.file.Path;

/** Where a model comes from. */
public sealed interface ModelSource {
  /** The model of spoken digits in the program itself. */
  record Bundled() implements ModelSource {}

  /**
   * One of the catalogue, pulled into the data folder before.
   *
   * @param name its name in the catalogue; a bundled one needs no pull
   * @param dataDir the program's data folder
   */
  record Named(String name, Path dataDir) implements ModelSource {}

  /**
   * Any folder with a model of sherpa-onnx, streaming or of whole utterances.
   *
   * @param directory the folder
   * @param dataDir the program's data folder, which remembers that the model was probed
   */
  record Directory(Path directory, Path dataDir) implements ModelSource {}
}
