package org.linescribe.asr.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResourceFilesTest {
  @TempDir private Path temp;

  @Test
  void unpacksOnceForManyStartsAtOnce() throws Exception {
    Path cache = temp.resolve("cache");
    List<ResourceFiles.Entry> entries = List.of(entry("a.bin", "alpha"), entry("b.bin", "beta"));
    try (URLClassLoader loader = jar();
        ExecutorService starts = Executors.newFixedThreadPool(8)) {
      List<Callable<Path>> work = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        work.add(() -> ResourceFiles.unpack(loader, "things/x", entries, cache));
      }
      Set<Path> folders = new HashSet<>();
      for (Future<Path> done : starts.invokeAll(work)) {
        folders.add(done.get());
        assertThat(done.get().resolve("b.bin")).hasContent("beta");
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
    List<ResourceFiles.Entry> entries = List.of(entry("a.bin", "alpha"));
    try (URLClassLoader loader = jar()) {
      Path folder = ResourceFiles.unpack(loader, "things/x", entries, cache);
      Files.writeString(folder.resolve("a.bin"), "damage");

      assertThat(ResourceFiles.unpack(loader, "things/x", entries, cache).resolve("a.bin"))
          .hasContent("alpha");
    }
  }

  @Test
  void refusesAResourceThatWasAltered() throws IOException {
    try (URLClassLoader loader = jar()) {
      assertThatThrownBy(
              () ->
                  ResourceFiles.unpack(
                      loader, "things/x", List.of(entry("a.bin", "other")), temp.resolve("c")))
          .isInstanceOf(IOException.class)
          .hasMessage("resource things/x/a.bin: altered");
    }
  }

  private static ResourceFiles.Entry entry(String name, String content) {
    return new ResourceFiles.Entry(name, Sha256.ofText(content));
  }

  private URLClassLoader jar() throws IOException {
    Path jar = temp.resolve("things.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String[] file : new String[][] {{"a.bin", "alpha"}, {"b.bin", "beta"}}) {
        out.putNextEntry(new JarEntry("things/x/" + file[0]));
        out.write(file[1].getBytes(StandardCharsets.UTF_8));
        out.closeEntry();
      }
    }
    return new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
  }
}
