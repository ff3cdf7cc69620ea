package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import org.linescribe.media.resources.ResourceFiles;

/** The models that come with the program, as files. Thread: any. */
public final class BundledModel {
  /** Spoken digits: the name in the catalogue. */
  public static final String NAME = "telephony-digits-en";

  /** General English: the name in the catalogue. */
  public static final String SPEECH = "moonshine-tiny-en";

  /** Voice activity; not in the catalogue, because it recognises no words. */
  public static final String VOICE_ACTIVITY = "silero-vad";

  /** Whether a speaker has finished; as little in the catalogue. */
  public static final String END_OF_TURN = "smart-turn";

  private BundledModel() {}

  /** The folder of the model of spoken digits. */
  public static Path directory() throws IOException {
    return directory(NAME);
  }

  /**
   * A model's folder: straight from the classes, or unpacked once from the jar into the cache.
   *
   * @param name of a bundled model
   * @throws IOException when the cache cannot be written or the jar's content was altered
   */
  public static Path directory(String name) throws IOException {
    String folder = "models/" + name;
    ClassLoader loader = BundledModel.class.getClassLoader();
    URL sums = loader.getResource(folder + "/SHA256SUMS");
    if (sums == null) {
      throw new IOException("resource " + folder + "/SHA256SUMS: missing");
    }
    if (sums.getProtocol().equals("file")) {
      try {
        return Path.of(sums.toURI()).toAbsolutePath().getParent();
      } catch (URISyntaxException e) {
        throw new IOException("unusable location: " + sums, e);
      }
    }
    return ResourceFiles.unpack(loader, folder, ResourceFiles.cacheDirectory());
  }
}
