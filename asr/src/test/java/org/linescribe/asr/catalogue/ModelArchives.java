package org.linescribe.asr.catalogue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;

/** Archives as a release has them, sound and hostile. */
final class ModelArchives {
  private ModelArchives() {}

  static Path bundled(String name) throws IOException {
    return BundledModel.directory().resolve(name);
  }

  static Map<String, byte[]> soundEntries() throws IOException {
    Map<String, byte[]> entries = new TreeMap<>();
    for (String name :
        List.of("encoder.int8.onnx", "decoder.onnx", "joiner.int8.onnx", "tokens.txt")) {
      entries.put("test-model/" + name, Files.readAllBytes(bundled(name)));
    }
    return entries;
  }

  static byte[] pack(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new BZip2CompressorOutputStream(bytes))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        TarArchiveEntry header = new TarArchiveEntry(entry.getKey(), true);
        header.setSize(entry.getValue().length);
        tar.putArchiveEntry(header);
        tar.write(entry.getValue());
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  static byte[] packWithLink() throws IOException {
    TarArchiveEntry link = new TarArchiveEntry("test-model/link", TarConstants.LF_SYMLINK);
    link.setLinkName("/etc/passwd");
    return packWith(link);
  }

  static byte[] packWith(TarArchiveEntry entry) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new BZip2CompressorOutputStream(bytes))) {
      tar.putArchiveEntry(entry);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }
}
