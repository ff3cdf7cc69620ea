package org.linescribe.asr.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerSocketTest {
  /** {@code /private/var/folders/xx/<30 characters>/T}. */
  private static final int MACOS_TEMPORARY_FOLDER_BYTES = 57;

  private static final int MACOS_ADDRESS_BYTES = 103;

  /** The folders of a gateway are numbered. */
  private static final int MORE_DIGITS = 9;

  @TempDir private Path temp;

  @Test
  void isShortEnoughForAnAddressOnMacosHoweverManyThereWere() throws Exception {
    Path socket = WorkerSocket.create();
    try {
      Path parent = Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
      assertThat(socket).startsWithRaw(parent);
      assertThat(bytes(socket) - bytes(parent) + MORE_DIGITS)
          .isLessThanOrEqualTo(MACOS_ADDRESS_BYTES - MACOS_TEMPORARY_FOLDER_BYTES);
    } finally {
      WorkerSocket.delete(socket);
    }
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  @Test
  void isDeletedWithTheFolderThatWasMadeForIt() throws Exception {
    Path socket = WorkerSocket.create();
    Files.createFile(socket);
    Files.createFile(Files.createDirectory(socket.resolveSibling("linescribe-1")).resolve("more"));
    Path neighbour = WorkerSocket.create();
    try {
      WorkerSocket.delete(socket);

      assertThat(socket.getParent()).doesNotExist();
      assertThat(socket.getParent().getParent()).exists();
      assertThat(neighbour.getParent()).exists();
    } finally {
      WorkerSocket.delete(neighbour);
    }
  }

  /** As of a worker that somebody starts by hand. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "x.sock",
        "s",
        "w-1/s",
        "linescribe-0123abcd/s",
        "linescribe-0123abcd/w-1/x.sock",
        "linescribe-0123abcd/w-1/more/s",
        "linescribe-data/w-1/s",
        "linescribe-0123abcd/work/s"
      })
  void isDeletedAloneWhereTheFolderIsAnothers(String path) throws Exception {
    Path socket = temp.resolve(path);
    Files.createDirectories(socket.getParent());
    Files.createFile(socket);
    Path kept = Files.createFile(socket.resolveSibling("kept"));

    WorkerSocket.delete(socket);

    assertThat(socket).doesNotExist();
    assertThat(kept).exists();
    try (Stream<Path> left = Files.list(kept.getParent())) {
      assertThat(left).containsExactly(kept);
    }
  }

  @Test
  void mayBeGoneAlready() {
    Path socket = temp.resolve("none/s");

    WorkerSocket.delete(socket);

    assertThat(socket.getParent()).doesNotExist();
  }
}
