package org.linescribe.session.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.linescribe.session.live.InProcessLiveTranscript;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.pipeline.CapturingReader;
import org.linescribe.session.pipeline.MemoryStore;
import org.linescribe.session.store.StoreWrite;
import org.linescribe.testsupport.Patience;

/** A reader whose store is down, or who is slower than what is said. */
class TranscriptSubscriptionTest {
  private static final SessionId ID = new SessionId("call-1");
  private static final int CAPACITY = 16;

  @TempDir private Path directory;
  private final MemoryStore kept = new MemoryStore();
  private final InProcessLiveTranscript live =
      new InProcessLiveTranscript(Clock.systemUTC(), Patience.LIMIT);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final CapturingReader received = new CapturingReader();
  private DurableStore store;

  @BeforeEach
  void open() {
    store = DurableStore.open(kept, directory, 1 << 20, Patience.LIMIT, meters, id -> {});
  }

  @AfterEach
  void close() {
    store.close();
  }

  private TranscriptSubscription read(TranscriptReader reader) {
    TranscriptSubscription subscription =
        new TranscriptSubscription(
            ID, 1, reader, store, live, new ReaderMeters(meters), CAPACITY, closed -> {});
    subscription.start();
    return subscription;
  }

  @Test
  void endThatComesWhileTheStoreIsDownIsToldAfterTheFinalsBeforeIt() throws Exception {
    kept.write(new StoreWrite.Appended(segment(1)));
    kept.write(new StoreWrite.Appended(segment(2)));
    kept.down = true;
    try (TranscriptSubscription _ = read(received)) {
      await().until(() -> kept.reads.get() > 0);
      live.publish(new TranscriptEvent.Ended(ID, 3, "bye"));
      int readsBefore = kept.reads.get();
      await().until(() -> kept.reads.get() > readsBefore + 1);
      assertThat(received.events).isEmpty();

      kept.down = false;

      await().until(() -> received.events.size() == 3);
      assertThat(received.finalNumbers()).containsExactly(1L, 2L);
      assertThat(received.events.getLast()).isEqualTo(new TranscriptEvent.Ended(ID, 3, "bye"));
    }
  }

  @Test
  void endReachesAReaderWhoseQueueIsFull() throws Exception {
    CountDownLatch slow = new CountDownLatch(1);
    CountDownLatch reading = new CountDownLatch(1);
    TranscriptReader reader =
        new TranscriptReader() {
          @Override
          public void onEvent(TranscriptEvent event) throws InterruptedException {
            reading.countDown();
            slow.await();
            received.onEvent(event);
          }

          @Override
          public void onFailure(Exception failure) {
            received.onFailure(failure);
          }
        };
    kept.write(new StoreWrite.Appended(segment(1)));
    try (TranscriptSubscription _ = read(reader)) {
      reading.await();
      int finals = 3 * CAPACITY;
      for (int seq = 2; seq <= finals; seq++) {
        kept.write(new StoreWrite.Appended(segment(seq)));
        live.publish(new TranscriptEvent.Final(segment(seq)));
      }
      live.publish(new TranscriptEvent.Ended(ID, finals + 1, "bye"));

      slow.countDown();

      await().until(() -> received.events.size() == finals + 1);
      assertThat(received.finalNumbers())
          .containsExactly(LongStream.rangeClosed(1, finals).boxed().toArray(Long[]::new));
      assertThat(received.events.getLast())
          .isEqualTo(new TranscriptEvent.Ended(ID, finals + 1, "bye"));
      assertThat(meters.counter("linescribe.session.readers.dropped").count()).isPositive();
    }
  }

  @Test
  void readerThatComesAfterTheEndReceivesTheFinalsAndTheEndOnce() throws Exception {
    kept.write(new StoreWrite.Appended(segment(1)));
    kept.record = record(Optional.of(Instant.EPOCH));
    TranscriptEvent.Ended end = new TranscriptEvent.Ended(ID, 2, "bye");
    try (TranscriptSubscription _ = read(received)) {
      await().until(() -> received.events.size() == 2);
      // Published late, by another machine: the same end once more.
      live.publish(end);
      live.publish(new TranscriptEvent.Final(segment(2)));
      await().until(() -> received.events.size() > 2);
      assertThat(received.events)
          .containsExactly(
              new TranscriptEvent.Final(segment(1)), end, new TranscriptEvent.Final(segment(2)));
    }
  }

  @Test
  void endThatWasMissedIsReadOnceWhenTheReaderIsWoken() throws Exception {
    kept.write(new StoreWrite.Appended(segment(1)));
    kept.record = record(Optional.empty());
    try (TranscriptSubscription subscription = read(received)) {
      await().until(() -> kept.finds.get() > 0);
      kept.record = record(Optional.of(Instant.EPOCH));

      subscription.onGap();
      await().until(() -> received.events.size() == 2);
      int findsBefore = kept.finds.get();
      subscription.onGap();
      await().until(() -> kept.finds.get() > findsBefore);
      live.publish(new TranscriptEvent.Ended(ID, 2, "bye"));
      live.publish(new TranscriptEvent.Final(segment(2)));
      await().until(() -> received.finalNumbers().size() == 2);

      assertThat(received.events)
          .containsExactly(
              new TranscriptEvent.Final(segment(1)),
              new TranscriptEvent.Ended(ID, 2, "bye"),
              new TranscriptEvent.Final(segment(2)));
    }
  }

  @Test
  void endThatArrivedIsNotReadAgainWhenTheReaderIsWoken() throws Exception {
    kept.write(new StoreWrite.Appended(segment(1)));
    kept.record = record(Optional.empty());
    try (TranscriptSubscription subscription = read(received)) {
      await().until(() -> kept.finds.get() > 0);
      kept.record = record(Optional.of(Instant.EPOCH));
      live.publish(new TranscriptEvent.Ended(ID, 2, "bye"));
      await().until(() -> received.events.size() == 2);

      int findsBefore = kept.finds.get();
      subscription.onGap();
      await().until(() -> kept.finds.get() > findsBefore);
      live.publish(new TranscriptEvent.Final(segment(2)));
      await().until(() -> received.finalNumbers().size() == 2);

      assertThat(received.events).hasSize(3);
    }
  }

  private static SessionRecord record(Optional<Instant> endedAt) {
    return new SessionRecord(
        ID,
        "test",
        Optional.empty(),
        List.of("caller"),
        Instant.EPOCH,
        endedAt,
        endedAt.map(_ -> "bye"),
        1,
        Map.of());
  }

  private static Segment segment(long seq) {
    return new Segment(ID, seq, "caller", "text " + seq, 0, 10, List.of(), "model", Instant.EPOCH);
  }
}
