package org.linescribe.session.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.WordQuery;
import org.linescribe.testsupport.Patience;

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
  void findsTheWordsOfSegmentsThatAnEarlierVersionKept() throws Exception {
    SessionId id = new SessionId("kept");
    Instant at = Instant.parse("2026-03-01T10:00:00Z");
    store.write(
        new StoreWrite.Opened(id, "sip", Optional.empty(), List.of("caller"), at, at, Map.of()));
    for (int seq = 1; seq <= 1200; seq++) {
      store.write(new StoreWrite.Appended(segment(id, seq, "number " + seq)));
    }
    store.close();
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:h2:"
                    + directory.resolve("linescribe")
                    + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE");
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE segment_words");
      // What came later goes with it: a schema has no gap.
      statement.execute("ALTER TABLE call_records DROP COLUMN announced_from, announced_to");
      statement.execute("ALTER TABLE sessions DROP COLUMN insights");
      statement.execute("DROP TABLE nodes, erasures, erasure_nodes");
      statement.execute(
          "DELETE FROM \"linescribe_schema\" WHERE \"version\" IN ('9', '10', '11', '12', '13')");
    }

    store = open();

    WordQuery query =
        new WordQuery(
            Optional.empty(),
            List.of("number", "1200"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            10);
    assertThat(store.find(query).segments()).extracting(Segment::seq).containsExactly(1200L);
  }

  @Test
  void onlyTheOwnerReadsTheDatabase() throws Exception {
    store.write(new StoreWrite.Appended(segment(new SessionId("kept"), 1, "one")));
    try (Stream<Path> all = Files.walk(directory)) {
      assertThat(all)
          .allSatisfy(
              path ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                      .endsWith("------"));
    }
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
                "-XX:TieredStopAtLevel=1",
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

    assertThat(second.waitFor(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
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
