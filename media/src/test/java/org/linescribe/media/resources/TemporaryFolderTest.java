package org.linescribe.media.resources;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.testsupport.Patience;

class TemporaryFolderTest {
  @TempDir private Path temp;
  private Path parent;

  @BeforeEach
  void makeParent() throws IOException {
    parent = Files.createDirectory(temp.toRealPath().resolve("with a space"));
  }

  /** A process that has a temporary file until it is told how to end. */
  static final class TemporaryFileUser {
    private final Process process;
    private final Path file;

    private TemporaryFileUser(Path parent) throws IOException {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Djava.io.tmpdir=" + parent,
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  TemporaryFileUser.class.getName())
              // The JVM's own words, as of JAVA_TOOL_OPTIONS, and why it did not start.
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      BufferedReader said = process.inputReader();
      String path = said.readLine();
      assertThat(path).as("the path of its temporary file").isNotNull();
      file = Path.of(path);
    }

    /** Of its temporary files. */
    Path folder() {
      return file.getParent();
    }

    int exit() throws Exception {
      process.getOutputStream().close();
      assertThat(process.waitFor(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    }

    void kill() throws Exception {
      process.destroyForcibly();
      assertThat(process.waitFor(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    public static void main(String[] arguments) throws IOException {
      Path file = TemporaryFolder.createFile("speech", ".wav");
      Path more = TemporaryFolder.createDirectory("probe");
      Files.writeString(more.resolve("out"), "what a killed process leaves");
      System.out.println(file);
      while (System.in.read() >= 0) {
        // Nothing is said to it but the end.
      }
      ResourceFiles.deleteTree(more);
      Files.delete(file);
    }
  }

  private List<String> left() throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void isGoneWhenItsProcessHasEnded() throws Exception {
    TemporaryFileUser process = new TemporaryFileUser(parent);
    assertThat(process.folder().getParent()).isEqualTo(parent);

    assertThat(process.exit()).isZero();

    assertThat(left()).isEmpty();
  }

  @Test
  void ofAKilledProcessIsDeletedByTheNextOne() throws Exception {
    TemporaryFileUser killed = new TemporaryFileUser(parent);
    killed.kill();
    assertThat(killed.folder().resolve("probe-2/out")).exists();

    TemporaryFileUser next = new TemporaryFileUser(parent);

    assertThat(killed.folder()).doesNotExist();
    assertThat(next.folder()).exists();
    assertThat(next.exit()).isZero();
    assertThat(left()).isEmpty();
  }

  @Test
  void ofARunningProcessStays() throws Exception {
    TemporaryFileUser running = new TemporaryFileUser(parent);
    TemporaryFolder first = TemporaryFolder.in(parent);
    TemporaryFolder second = TemporaryFolder.in(parent);
    new TemporaryFileUser(parent).kill();
    TemporaryFolder.in(parent);

    assertThat(running.folder().resolve("probe-2/out")).exists();
    assertThat(first.path()).isDirectory().isNotEqualTo(second.path());
    assertThat(second.path()).isDirectory();
    // What is in use, and of this process three: the killed one's is gone.
    assertThat(left()).hasSize(4);
    assertThat(running.exit()).isZero();
    assertThat(left()).hasSize(3);
  }

  /** Folders of the same name whose lock is not ours, and what a link leads to. */
  @Test
  void leavesWhatIsOthers() throws Exception {
    Path other = Files.createDirectories(parent.resolve("linescribe-mariadb/base"));
    Files.createFile(other.resolveSibling("lock"));
    Path kept = Files.createFile(temp.resolve("kept"));
    TemporaryFileUser killed = new TemporaryFileUser(parent);
    Files.createSymbolicLink(killed.folder().resolve("link"), temp);
    killed.kill();

    TemporaryFolder.in(parent);

    assertThat(killed.folder()).doesNotExist();
    assertThat(kept).exists();
    assertThat(other).exists();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void isItsUsersAlone() throws Exception {
    Path folder = TemporaryFolder.in(parent).path();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
    assertThat(Files.exists(folder.resolve(TemporaryFolder.LOCK), LinkOption.NOFOLLOW_LINKS))
        .isTrue();
  }
}
