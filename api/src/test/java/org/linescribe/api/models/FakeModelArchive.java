package org.linescribe.api.models;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;

/** The digits model's files under the names of another model of its kind. */
final class FakeModelArchive {
  private FakeModelArchive() {}

  static byte[] of(String name) throws IOException {
    ModelCatalogue catalogue = ModelCatalogue.bundled();
    Path digits = BundledModel.directory();
    ModelDescription from = catalogue.require(BundledModel.NAME);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new BZip2CompressorOutputStream(bytes))) {
      for (Map.Entry<String, ModelDescription.ModelFile> file :
          catalogue.require(name).files().entrySet()) {
        byte[] content =
            Files.readAllBytes(
                digits.resolve(Objects.requireNonNull(from.files().get(file.getKey())).name()));
        TarArchiveEntry header = new TarArchiveEntry(name + "/" + file.getValue().name(), true);
        header.setSize(content.length);
        tar.putArchiveEntry(header);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }
}
