package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The model that comes with the program, as files. Thread: any. */
public final class BundledModel {
  /** Its name in the catalogue. */
  public static final String NAME = "telephony-digits-en";

  private BundledModel() {}

  /**
   * The model's folder: straight from the classes, or unpacked once from the jar into the cache.
   *
   * @throws IOException when the cache cannot be written or the jar's content was altered
   */
  public static Path directory() throws IOException {
    String folder = "models/" + NAME;
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
    List<ResourceFiles.Entry> entries;
    try (InputStream in = sums.openStream()) {
      entries =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank())
              .map(line -> line.split("\\s+", 2))
              .map(part -> new ResourceFiles.Entry(part[1].strip(), part[0]))
              .toList();
    }
    return ResourceFiles.unpack(loader, folder, entries, ResourceFiles.cacheDir());
  }
}
