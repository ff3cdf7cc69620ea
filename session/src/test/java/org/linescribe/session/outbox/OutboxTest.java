package org.linescribe.session.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.store.StoreWrite;

class OutboxTest {
  private static final SessionId ID = new SessionId("call-1");
  private static final long MAX_BYTES = 1L << 20;

  @TempDir private Path directory;

  @Test
  void findsAgainInOrderWhatAKilledProcessLeft() throws Exception {
    List<StoreWrite> writes =
        List.of(
            new StoreWrite.Opened(
                ID,
                "sip",
                Optional.of("alice"),
                List.of("caller"),
                Instant.EPOCH,
                Instant.EPOCH,
                Map.of("k", "ä😀")),
            appended(1),
            appended(2),
            new StoreWrite.Ended(ID, Instant.EPOCH, Instant.EPOCH.plusSeconds(3), "bye"));
    copyOfAKilledProcess(writes);

    try (Outbox outbox = Outbox.open(directory.resolve("copy"), MAX_BYTES)) {
      assertThat(outbox.segments()).isEqualTo(2);
      assertThat(outbox.lastSeq(ID)).isEqualTo(2);
      assertThat(outbox.segments(ID, 2, 10)).extracting(Segment::seq).containsExactly(2L);
      for (StoreWrite expected : writes) {
        OutboxIndex.Pending oldest = outbox.awaitOldest();
        assertThat(outbox.read(oldest)).isEqualTo(expected);
        outbox.drained(oldest);
      }
      assertThat(outbox.isDrained()).isTrue();
    }
    assertThat(logs("copy")).isEmpty();
  }

  @Test
  void tornLastRecordIsDroppedWhereverItTore() throws Exception {
    copyOfAKilledProcess(List.of(appended(1), appended(2)));
    Path whole = logs("copy").getFirst();
    byte[] bytes = Files.readAllBytes(whole);
    int firstEnds = 8 + java.nio.ByteBuffer.wrap(bytes).getInt(0);
    for (int cut = firstEnds; cut < bytes.length; cut += 7) {
      Path torn = Files.createDirectories(directory.resolve("torn-" + cut));
      Files.write(torn.resolve(whole.getFileName()), java.util.Arrays.copyOf(bytes, cut));

      try (Outbox outbox = Outbox.open(torn, MAX_BYTES)) {
        assertThat(outbox.lastSeq(ID)).as("cut at %d", cut).isEqualTo(1);
        outbox.append(appended(2));
      }
      try (Outbox outbox = Outbox.open(torn, MAX_BYTES)) {
        assertThat(outbox.segments(ID, 1, 10)).as("cut at %d", cut).hasSize(2);
      }
    }
  }

  @Test
  void damagedRecordIsNotTaken() throws Exception {
    copyOfAKilledProcess(List.of(appended(1), appended(2)));
    Path log = logs("copy").getFirst();
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
      file.seek(file.length() - 5);
      file.write('X');
    }

    try (Outbox outbox = Outbox.open(directory.resolve("copy"), MAX_BYTES)) {
      assertThat(outbox.lastSeq(ID)).isEqualTo(1);
    }
  }

  @Test
  void refusesBeyondItsBoundAndASecondUser() {
    try (Outbox outbox = Outbox.open(directory, 300)) {
      outbox.append(appended(1));

      assertThatThrownBy(() -> outbox.append(appended(2)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("full");
      assertThatThrownBy(() -> Outbox.open(directory, 300))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(directory.toString())
          .hasMessageContaining("in use");
    }
  }

  @Test
  void fullDiskRefusesAChangeWholeAndTakesItWhenThereIsSpace() {
    FullDisk disk = new FullDisk();
    try (Outbox outbox = Outbox.open(directory, MAX_BYTES, disk)) {
      outbox.append(appended(1));
      disk.spaceBytes = 50;

      assertThatThrownBy(() -> outbox.append(appended(2)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("No space");
      assertThat(outbox.lastSeq(ID)).isEqualTo(1);
      disk.spaceBytes = Integer.MAX_VALUE;
      outbox.append(appended(2));
      outbox.append(appended(3));
    }
    try (Outbox outbox = Outbox.open(directory, MAX_BYTES)) {
      assertThat(outbox.segments(ID, 1, 10)).extracting(Segment::seq).containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  void noChangeCountsAsDurableThatAFailedFsyncMayHaveLost() throws Exception {
    FailingDisk disk = new FailingDisk();
    try (Outbox outbox = Outbox.open(directory, MAX_BYTES, disk);
        ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> first = writers.submit(() -> outbox.append(appended(1)));
      disk.syncing.await();
      Future<?> second = writers.submit(() -> outbox.append(appended(2)));
      await().until(() -> outbox.lastSeq(ID) == 2);

      disk.fail.countDown();

      for (Future<?> write : List.of(first, second)) {
        assertThatThrownBy(write::get).hasCauseInstanceOf(UncheckedIOException.class);
      }
      outbox.append(appended(3));
    }
    try (Outbox outbox = Outbox.open(directory, MAX_BYTES)) {
      assertThat(outbox.lastSeq(ID)).isEqualTo(3);
    }
  }

  @Test
  void drainThatEndsAfterTheClosingLeavesTheFilesToTheNextUser() throws Exception {
    Outbox closed = Outbox.open(directory, MAX_BYTES);
    closed.append(appended(1));
    OutboxIndex.Pending drained = closed.awaitOldest();
    closed.close();
    try (Outbox next = Outbox.open(directory, MAX_BYTES)) {
      next.append(appended(2));

      closed.drained(drained);
    }

    try (Outbox outbox = Outbox.open(directory, MAX_BYTES)) {
      assertThat(outbox.segments(ID, 1, 10)).extracting(Segment::seq).containsExactly(1L, 2L);
    }
  }

  /** A disk whose first fsync fails when a test says so. */
  static final class FailingDisk implements LogFile.Opener {
    final CountDownLatch syncing = new CountDownLatch(1);
    final CountDownLatch fail = new CountDownLatch(1);

    @Override
    public RandomAccessFile open(Path path) throws IOException {
      return new RandomAccessFile(path.toFile(), "rw");
    }

    @Override
    public void sync(RandomAccessFile file) throws IOException {
      if (syncing.getCount() == 0) {
        LogFile.Opener.super.sync(file);
        return;
      }
      syncing.countDown();
      try {
        fail.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
      throw new IOException("Input/output error");
    }
  }

  /** Files on a disk that takes no more than a test gives it, a part of a write included. */
  static final class FullDisk implements LogFile.Opener {
    volatile int spaceBytes = Integer.MAX_VALUE;

    @Override
    public RandomAccessFile open(Path path) throws IOException {
      return new RandomAccessFile(path.toFile(), "rw") {
        @Override
        public void write(byte[] bytes) throws IOException {
          int taken = Math.min(bytes.length, spaceBytes);
          super.write(bytes, 0, taken);
          if (taken < bytes.length) {
            throw new IOException("No space left on device");
          }
        }
      };
    }
  }

  private void copyOfAKilledProcess(List<StoreWrite> writes) throws Exception {
    Path live = directory.resolve("live");
    Path copy = Files.createDirectories(directory.resolve("copy"));
    try (Outbox outbox = Outbox.open(live, MAX_BYTES)) {
      writes.forEach(outbox::append);
      // While it is open: nothing that a closing might add is in the copy.
      for (Path log : logs("live")) {
        Files.copy(log, copy.resolve(log.getFileName()));
      }
    }
  }

  private List<Path> logs(String name) throws Exception {
    try (var files = Files.list(directory.resolve(name))) {
      return files.filter(p -> p.toString().endsWith(".log")).toList();
    }
  }

  static StoreWrite.Appended appended(long seq) {
    return new StoreWrite.Appended(
        new Segment(
            ID,
            seq,
            "caller",
            "text " + seq,
            seq * 10,
            seq * 10 + 5,
            List.of(new Token("text", seq * 10, 0.5)),
            "model",
            Instant.EPOCH.plusSeconds(seq)));
  }
}
