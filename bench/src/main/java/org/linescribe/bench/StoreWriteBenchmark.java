package org.linescribe.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.StoreWrite;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A final into the embedded database, against an appended and forced line of the same length. */
@NullUnmarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class StoreWriteBenchmark {
  private static final String TEXT = "please enter the first three letters of the last name";

  private final SessionId session = new SessionId("bench");
  private Path folder;
  private SqlSegmentStore store;
  private FileChannel file;
  private long seq;

  @Setup
  public void open() throws IOException, SegmentConflictException {
    folder = Files.createTempDirectory("linescribe-store-bench");
    store = SqlSegmentStore.embedded(folder.resolve("db"));
    Instant now = Instant.now();
    store.write(
        new StoreWrite.Opened(
            session, "bench", Optional.empty(), List.of("caller"), now, now, Map.of()));
    file =
        FileChannel.open(
            folder.resolve("lines"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  @TearDown
  public void close() throws IOException {
    store.close();
    file.close();
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Benchmark
  public void writeFinal() throws SegmentConflictException {
    seq++;
    store.write(
        new StoreWrite.Appended(
            new Segment(
                session,
                seq,
                "caller",
                TEXT,
                seq * 2000,
                seq * 2000 + 1500,
                List.of(),
                "bench",
                Instant.now())));
  }

  @Benchmark
  public void baseline_appendAndForce() throws IOException {
    file.write(ByteBuffer.wrap((TEXT + "\n").getBytes()));
    file.force(false);
  }
}
