package org.linescribe.session.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.recordings.RecordingWriter;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.StoreWrite;

/** Nodes of one database, and what each has on its own disk. */
class FleetErasureTest {
  private static final SessionId ID = new SessionId("call-1");
  private static final Duration KEEP = Duration.ofDays(90);

  @TempDir private Path folder;
  private final Clock clock = Clock.systemUTC();
  private SqlSegmentStore store;

  @BeforeEach
  void openStore() {
    store = SqlSegmentStore.embedded(folder.resolve("db"));
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @FunctionalInterface
  private interface Step {
    void run() throws Exception;
  }

  /** A node with its data folder. */
  private final class TestNode implements AutoCloseable {
    private final Path data;
    private final RecordingFolder recordings;
    private final FleetErasure erasure;
    private final AtomicBoolean isWaiting = new AtomicBoolean();
    private volatile @Nullable SessionId broken;

    TestNode(String name, boolean shared) throws IOException {
      this(name, shared, store.erasures());
    }

    TestNode(String name, boolean shared, ErasureOrders orders) throws IOException {
      data = Files.createDirectories(folder.resolve(name));
      recordings =
          new RecordingFolder(
              data.resolve("recordings"), RecordingFile.ON_DISK, StorageSettings.defaults());
      erasure =
          new FleetErasure(
              new SessionErasure(
                  (id, unended) -> store.erase(id, unended, clock.instant()),
                  List.of(recordings),
                  data.resolve("erasures.log"),
                  clock),
              order -> {
                if (order.sessionId().equals(broken)) {
                  throw new IllegalStateException("as the test asked");
                }
                if (isWaiting.get()) {
                  throw new StoreUnavailableException("as the test asked");
                }
                store.eraseRest(order.sessionId(), order.at());
                return store.find(order.sessionId()).isPresent();
              },
              orders,
              Node.of(data),
              shared,
              KEEP,
              null,
              clock);
    }

    String name() throws IOException {
      return Node.of(data).name();
    }

    RecordingWriter record() throws IOException {
      return record(ID.value() + "_1764457000123");
    }

    RecordingWriter record(String name) throws IOException {
      return recordings.create(name, new AudioShape(8000, 1), _ -> {});
    }

    boolean isRecorded() {
      return Files.exists(recordings.file(ID.value() + "_1764457000123"));
    }

    @Override
    public void close() {
      erasure.close();
    }
  }

  private void opened(Instant at) throws Exception {
    store.write(
        new StoreWrite.Opened(
            ID, "sip", Optional.empty(), List.of("caller"), at, at, Map.of()));
  }

  private void ended() throws Exception {
    opened(clock.instant());
    store.write(new StoreWrite.Ended(ID, clock.instant(), "bye"));
  }

  @Test
  void aNodeThatWasAwayErasesAtItsStart() throws Exception {
    ended();
    try (TestNode asked = new TestNode("asked", true)) {
      asked.erasure.start();
      try (TestNode away = new TestNode("away", true)) {
        away.erasure.start();
        away.record().close();
      }

      FleetErasure.Outcome outcome = asked.erasure.erase(ID, false).orElseThrow();

      assertThat(outcome.done()).containsExactly(asked.name());
      try (TestNode away = new TestNode("away", true)) {
        assertThat(outcome.pending()).containsExactly(away.name());
        assertThat(away.isRecorded()).isTrue();

        away.erasure.start();

        assertThat(away.isRecorded()).isFalse();
        assertThat(asked.erasure.outcome(ID).orElseThrow().pending()).isEmpty();
      }
    }
  }

  @Test
  void aSessionIsNotOpenedAgainWhileItsErasureIsIncomplete() throws Exception {
    try (TestNode asked = new TestNode("asked", true);
        TestNode other = new TestNode("other", true)) {
      RecordingWriter writer = other.record();
      asked.erasure.erase(ID, false);

      assertThatThrownBy(() -> other.erasure.completeBeforeReopening(ID))
          .as("it is recorded still")
          .isInstanceOf(StoreUnavailableException.class);
      writer.close();
      other.isWaiting.set(true);
      assertThatThrownBy(() -> other.erasure.completeBeforeReopening(ID))
          .as("some of it waits in the outbox")
          .isInstanceOf(StoreUnavailableException.class);
      assertThat(other.isRecorded()).isTrue();
      other.isWaiting.set(false);

      other.erasure.completeBeforeReopening(ID);

      assertThat(other.isRecorded()).isFalse();
      other.record().close();
      other.erasure.completeBeforeReopening(ID);
      assertThat(other.isRecorded()).as("of a session that began afterwards").isTrue();
    }
  }

  @Test
  void aNodeAloneKeepsNoOrderAndCompletesWhatACrashCutOff() throws Exception {
    ended();
    try (TestNode node = new TestNode("alone", false)) {
      node.record().close();
      store.erase(ID, false, clock.instant());

      node.erasure.start();

      assertThat(node.isRecorded()).isFalse();
      assertThat(node.erasure.outcome(ID)).isEmpty();
      node.record().close();
      assertThat(node.erasure.erase(ID, false).orElseThrow().done()).containsExactly(node.name());
      assertThat(node.erasure.outcome(ID)).isEmpty();
      assertThat(node.erasure.erase(ID, false)).isEmpty();
    }
  }

  @Test
  void aSessionThatOpensAgainWhileOthersAreErasedIsLeftAlone() throws Exception {
    try (TestNode asked = new TestNode("asked", true)) {
      AtomicReference<TestNode> reopening = new AtomicReference<>();
      ErasureOrders orders =
          reopens(
              () -> {
                reopening.get().erasure.completeBeforeReopening(ID);
                reopening.get().record().close();
              });
      try (TestNode other = new TestNode("other", true, orders)) {
        reopening.set(other);
        asked.erasure.erase(ID, false);

        other.erasure.start();

        assertThat(other.isRecorded()).isTrue();
      }
    }
  }

  @Test
  void anOrderThatIsExecutedLateLeavesANewerSessionOfItsId() throws Exception {
    ended();
    try (TestNode asked = new TestNode("asked", true);
        TestNode late = new TestNode("late", true)) {
      String byHash = "session-" + RecordingFolder.hash(ID.value());
      late.record().close();
      asked.erasure.erase(ID, false);
      Instant erasedAt = store.erasures().newest(ID).orElseThrow().order().at();
      // With the database away it has not seen the order, and the id is used again.
      String afterwards = ID.value() + "_" + erasedAt.plusSeconds(1).toEpochMilli();
      RecordingWriter open = late.record(afterwards);
      late.record(byHash).close();
      opened(erasedAt.plusSeconds(1));
      store.write(
          new StoreWrite.Appended(
              new Segment(ID, 1, "caller", "newer", 0, 10, List.of(), "model", clock.instant())));

      late.erasure.start();

      assertThat(late.isRecorded()).isFalse();
      assertThat(late.recordings.file(afterwards)).as("recorded now").exists();
      assertThat(late.recordings.file(byHash)).exists();
      assertThat(asked.erasure.outcome(ID).orElseThrow().pending()).isEmpty();
      assertThat(store.segments(ID, 1, 10)).extracting(Segment::text).containsExactly("newer");
      open.close();
    }
  }

  @Test
  void aRecordingThatWentOnOverAnErasureGoesWithIt() throws Exception {
    try (TestNode asked = new TestNode("asked", true);
        TestNode late = new TestNode("late", true)) {
      String byHash = "session-" + RecordingFolder.hash(ID.value());
      late.record(byHash).close();
      asked.erasure.erase(ID, false);
      Instant erasedAt = store.erasures().newest(ID).orElseThrow().order().at();
      opened(erasedAt.plusSeconds(1));
      Files.setLastModifiedTime(
          late.recordings.file(byHash), FileTime.from(erasedAt.plusSeconds(2)));

      late.erasure.start();

      assertThat(late.recordings.file(byHash)).doesNotExist();
      assertThat(store.find(ID)).as("the session itself is another").isPresent();
    }
  }

  /** The store's orders; something is done once when a page of them was read. */
  private ErasureOrders reopens(Step action) {
    AtomicBoolean done = new AtomicBoolean();
    return (ErasureOrders)
        Proxy.newProxyInstance(
            ErasureOrders.class.getClassLoader(),
            new Class<?>[] {ErasureOrders.class},
            (_, method, arguments) -> {
              Object answer = method.invoke(store.erasures(), arguments);
              boolean isPage = method.getName().equals("due") && arguments.length == 3;
              if (isPage && done.compareAndSet(false, true)) {
                action.run();
              }
              return answer;
            });
  }

  @Test
  void oneThatCannotBeErasedKeepsNoneOfTheOthersWaiting() throws Exception {
    try (TestNode asked = new TestNode("asked", true);
        TestNode other = new TestNode("other", true)) {
      other.broken = new SessionId("call-0");
      other.record().close();
      asked.erasure.erase(other.broken, false);
      asked.erasure.erase(ID, false);

      other.erasure.start();

      assertThat(other.isRecorded()).isFalse();
    }
  }

  @Test
  void whatCameBehindAnErasureGoesWhenItIsErasedOnceMore() throws Exception {
    ended();
    try (TestNode node = new TestNode("alone", false)) {
      store.erase(ID, false, clock.instant());
      store.write(
          new StoreWrite.Appended(
              new Segment(ID, 1, "caller", "late", 0, 10, List.of(), "model", clock.instant())));

      node.erasure.erase(ID, false);

      assertThat(store.segments(ID, 1, 10)).isEmpty();
    }
  }
}
