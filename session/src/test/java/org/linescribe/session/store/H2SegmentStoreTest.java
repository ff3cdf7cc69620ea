package org.linescribe.session.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Patience;
import org.linescribe.session.SessionId;

class H2SegmentStoreTest extends SegmentStoreContract {
  @TempDir private Path directory;

  @Override
  SegmentStore open() {
    return SqlSegmentStore.embedded(directory);
  }

  @Test
  void keepsEverythingOverAReopening() throws Exception {
    SessionId id = new SessionId("kept");
    store.write(new StoreWrite.Appended(segment(id, 1, "one")));
    store.close();

    store = open();

    assertThat(store.lastSeq(id)).isEqualTo(1);
  }

  @Test
  void interruptedReaderDoesNotCloseTheDatabaseForOthers() throws Exception {
    SessionId id = new SessionId("kept");
    store.write(new StoreWrite.Appended(segment(id, 1, "one")));
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  Thread.currentThread().interrupt();
                  try {
                    store.segments(id, 1, 10);
                    store.write(new StoreWrite.Appended(segment(id, 2, "two")));
                  } catch (RuntimeException | SegmentConflictException refused) {
                    // what becomes of this call is not the point
                  }
                });
    reader.join();

    store.write(new StoreWrite.Appended(segment(id, 3, "three")));
    assertThat(store.lastSeq(id)).isEqualTo(3);
  }

  @Test
  void secondProcessIsToldWhichDirectoryIsInUse() throws Exception {
    Process second =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SecondProcess.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    String said;
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(second.getInputStream(), StandardCharsets.UTF_8))) {
      said = String.join("\n", output.lines().toList());
    }

    assertThat(second.waitFor(Patience.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(said).contains("data directory " + directory + " is in use by another process");
  }

  /** Opens the directory that its argument names and says why it cannot. */
  static final class SecondProcess {
    private SecondProcess() {}

    public static void main(String[] arguments) {
      try {
        SqlSegmentStore.embedded(Path.of(arguments[0])).close();
        System.out.println("opened");
      } catch (IllegalStateException refused) {
        System.out.println(refused.getMessage());
      }
    }
  }
}
