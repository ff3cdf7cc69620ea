package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.io.Reader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What the data folder remembers of models: the hashes of what was installed, and the contents that
 * a probe has found sound. A text file, {@code models/lock.properties}.
 *
 * <p>Thread: any, and any number of processes: changes are made under a file lock and renamed into
 * place.
 */
final class ModelLock {
  private static final Object IN_PROCESS = new Object();

  private final Path folder;
  private final Path file;

  ModelLock(Path modelsFolder) {
    this.folder = modelsFolder;
    this.file = modelsFolder.resolve("lock.properties");
  }

  Optional<String> archiveSha256(String model) throws IOException {
    return value("archive." + model);
  }

  Optional<String> fileSha256(String model, String name) throws IOException {
    return value("file." + model + "." + name);
  }

  boolean isProbed(String contentSha256) throws IOException {
    return value("probed." + contentSha256).isPresent();
  }

  void recordProbed(String contentSha256, String what) throws IOException {
    change(properties -> properties.setProperty("probed." + contentSha256, what));
  }

  void change(Consumer<Properties> change) throws IOException {
    Files.createDirectories(folder);
    synchronized (IN_PROCESS) {
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        Properties properties = read();
        change.accept(properties);
        StringBuilder text = new StringBuilder("# Written by linescribe models; do not edit.\n");
        new TreeMap<>(properties)
            .forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        Path fresh = Files.createTempFile(folder, "lock", ".part");
        Files.writeString(fresh, text);
        Files.move(
            fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (!held.isValid()) {
          throw new IOException(file + ": the lock was lost");
        }
      }
    }
  }

  private Optional<String> value(String key) throws IOException {
    return Optional.ofNullable(read().getProperty(key));
  }

  private Properties read() throws IOException {
    Properties properties = new Properties();
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      }
    }
    return properties;
  }
}
