package org.linescribe.testsupport;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * A folder of the build with installed clients, made once for all modules' JVMs and made again when
 * their lock files change.
 */
final class ClientFolder {
  private static final String WHOLE = "whole";

  private ClientFolder() {}

  /** Fills a folder that holds nothing yet. */
  interface Installation {
    void into(Path folder) throws IOException, InterruptedException;
  }

  /** The folder of lock files in {@code test-support/clients}. */
  static Path of(String name, Installation installation, String... lockFiles)
      throws IOException, InterruptedException {
    Path clients = Files.createDirectories(ProjectFiles.target().resolve("clients"));
    CRC32 version = new CRC32();
    for (String lockFile : lockFiles) {
      version.update(Files.readAllBytes(source(lockFile)));
    }
    Path folder =
        clients.resolve(name + "-" + HexFormat.of().toHexDigits((int) version.getValue()));
    try (FileChannel lock =
            FileChannel.open(
                clients.resolve(name + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock held = lock.lock()) {
      if (held.isValid() && !Files.exists(folder.resolve(WHOLE))) {
        Files.createDirectories(folder);
        installation.into(folder);
        Files.createFile(folder.resolve(WHOLE));
      }
    }
    return folder;
  }

  static Path source(String file) {
    return ProjectFiles.root().resolve("test-support/clients").resolve(file);
  }
}
