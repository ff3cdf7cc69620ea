package org.linescribe.media.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ResourceFilesTest {
  private static final String BOTH =
      Sha256.ofText("alpha") + "  a.bin\n" + Sha256.ofText("beta") + "  b.bin\n";

  @TempDir private Path temp;

  @Test
  void unpacksOnceForManyStartsAtOnce() throws Exception {
    Path cache = temp.resolve("cache");
    try (URLClassLoader loader = jar(BOTH);
        ExecutorService starts = Executors.newFixedThreadPool(8)) {
      List<Callable<Path>> work = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        work.add(() -> ResourceFiles.unpack(loader, "things/x", cache));
      }
      Set<Path> folders = new HashSet<>();
      for (Future<Path> done : starts.invokeAll(work)) {
        folders.add(done.get());
        assertThat(done.get().resolve("b.bin")).hasContent("beta").isExecutable();
      }
      assertThat(folders).hasSize(1);
      try (Stream<Path> left = Files.list(cache)) {
        assertThat(left).hasSize(1);
      }
    }
  }

  @Test
  void replacesADamagedCache() throws IOException {
    Path cache = temp.resolve("cache");
    try (URLClassLoader loader = jar(BOTH)) {
      Path folder = ResourceFiles.unpack(loader, "things/x", cache);
      Files.writeString(folder.resolve("a.bin"), "damage");

      assertThat(ResourceFiles.unpack(loader, "things/x", cache).resolve("a.bin"))
          .hasContent("alpha");
    }
  }

  /** Of the same size: also what this process has hashed before is read again where it changed. */
  @Test
  void replacesAFileThatChangesAgainAndAgain() throws IOException {
    Path cache = temp.resolve("cache");
    try (URLClassLoader loader = jar(BOTH)) {
      for (int round = 0; round < 3; round++) {
        Path file = ResourceFiles.unpack(loader, "things/x", cache).resolve("a.bin");
        assertThat(file).hasContent("alpha");
        FileTime before = Files.getLastModifiedTime(file);
        Files.writeString(file, "ahpla");
        Files.setLastModifiedTime(file, FileTime.from(before.toInstant().plusSeconds(1)));
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void readsNoFileAgainThatIsAsItWas() throws Exception {
    Path cache = temp.resolve("cache");
    try (URLClassLoader loader = jar(BOTH)) {
      Path folder = ResourceFiles.unpack(loader, "things/x", cache);
      awaitRecord(loader, folder);
      HashRecord record = HashRecord.of(folder);
      assertThat(record.isUnchanged("a.bin")).isTrue();
      assertThat(record.isUnchanged("b.bin")).isTrue();

      FileTime before = Files.getLastModifiedTime(folder.resolve("a.bin"));
      Files.writeString(folder.resolve("a.bin"), "ahpla");
      Files.setLastModifiedTime(folder.resolve("a.bin"), before);

      assertThat(HashRecord.of(folder).isUnchanged("a.bin")).isFalse();
      assertThat(HashRecord.of(folder).isUnchanged("b.bin")).isTrue();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void believesNoRecordThatOthersMayWrite() throws Exception {
    Path cache = temp.resolve("cache");
    try (URLClassLoader loader = jar(BOTH)) {
      Path folder = ResourceFiles.unpack(loader, "things/x", cache);
      awaitRecord(loader, folder);
      Path written = folder.resolve(HashRecord.FILE);

      for (Path open : List.of(written, folder)) {
        Set<PosixFilePermission> before = Files.getPosixFilePermissions(open);
        Set<PosixFilePermission> wider = new HashSet<>(before);
        wider.add(PosixFilePermission.OTHERS_WRITE);
        Files.setPosixFilePermissions(open, wider);
        assertThat(HashRecord.of(folder).isUnchanged("a.bin")).isFalse();
        Files.setPosixFilePermissions(open, before);
      }
      assertThat(HashRecord.of(folder).isUnchanged("a.bin")).isTrue();

      Files.setPosixFilePermissions(
          folder.resolve("a.bin"), PosixFilePermissions.fromString("rwxrwxrwx"));
      assertThat(HashRecord.of(folder).isUnchanged("a.bin")).isFalse();
    }
  }

  /** A record is kept as soon as the files have not changed for the grain of the clock. */
  private static void awaitRecord(URLClassLoader loader, Path folder) {
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              ResourceFiles.unpack(loader, "things/x", folder.getParent());
              assertThat(folder.resolve(HashRecord.FILE)).exists();
            });
  }

  @Test
  void refusesAResourceThatWasAltered() throws IOException {
    try (URLClassLoader loader = jar(Sha256.ofText("other") + "  a.bin\n")) {
      assertThatThrownBy(() -> ResourceFiles.unpack(loader, "things/x", temp.resolve("c")))
          .isInstanceOf(IOException.class)
          .hasMessage("resource things/x/a.bin: altered");
    }
  }

  @Test
  void refusesAListThatLeadsOutOfTheFolderOrHasNoHash() throws IOException {
    for (String line : List.of(Sha256.ofText("alpha") + "  ../a.bin", "0123  a.bin", "a.bin")) {
      try (URLClassLoader loader = jar(line + "\n")) {
        assertThatThrownBy(() -> ResourceFiles.unpack(loader, "things/x", temp.resolve("c")))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("expected: SHA-256, file name");
      }
    }
  }

  @Test
  void tellsWhetherTheClassPathHoldsAFolder() throws IOException {
    try (URLClassLoader loader = jar(BOTH)) {
      assertThat(ResourceFiles.exist(loader, "things/x")).isTrue();
      assertThat(ResourceFiles.exist(loader, "things/y")).isFalse();
    }
  }

  private URLClassLoader jar(String sums) throws IOException {
    Path jar = temp.resolve("things" + Sha256.ofText(sums).substring(0, 8) + ".jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (var file : Map.of("a.bin", "alpha", "b.bin", "beta", "SHA256SUMS", sums).entrySet()) {
        out.putNextEntry(new JarEntry("things/x/" + file.getKey()));
        out.write(file.getValue().getBytes(StandardCharsets.UTF_8));
        out.closeEntry();
      }
    }
    return new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
  }
}
