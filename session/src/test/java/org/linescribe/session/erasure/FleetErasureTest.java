package org.linescribe.session.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
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

  private Path used(String name) throws IOException {
    Files.createDirectories(folder.resolve(name).resolve("outbox"));
    return folder.resolve(name);
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
    private final List<SessionId> executed = new ArrayList<>();
    private volatile @Nullable SessionId broken;

    /** With a data folder that an earlier process has used. */
    TestNode(String name, boolean shared) throws IOException {
      this(used(name), shared, store.erasures());
    }

    TestNode(Path data, boolean shared, ErasureOrders orders) throws IOException {
      this.data = data;
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
                executed.add(order.sessionId());
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
        new StoreWrite.Opened(ID, "sip", Optional.empty(), List.of("caller"), at, at, Map.of()));
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
      try (TestNode other = new TestNode(used("other"), true, orders)) {
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

  @Test
  void aNewNodeExecutesOnlyWhatIsErasedFromItsStartOn() throws Exception {
    SessionId next = new SessionId("call-2");
    try (TestNode asked = new TestNode("asked", true)) {
      asked.erasure.erase(ID, false);
      try (TestNode fresh = new TestNode(folder.resolve("fresh"), true, store.erasures())) {
        fresh.erasure.start();

        assertThat(fresh.executed).isEmpty();
        assertThat(asked.erasure.outcome(ID).orElseThrow().pending()).isEmpty();
        asked.erasure.erase(next, false);
      }
      try (TestNode again = new TestNode(folder.resolve("fresh"), true, store.erasures())) {
        again.erasure.start();

        assertThat(again.executed).containsExactly(next);
        assertThat(asked.erasure.outcome(next).orElseThrow().done()).contains(again.name());
      }
    }
  }

  @Test
  void aNewDataFolderWithOldRecordingsExecutesAll() throws Exception {
    try (TestNode asked = new TestNode("asked", true);
        TestNode fresh = new TestNode(folder.resolve("fresh"), true, store.erasures())) {
      fresh.record().close();
      asked.erasure.erase(ID, false);

      fresh.erasure.start();

      assertThat(fresh.executed).containsExactly(ID);
      assertThat(fresh.isRecorded()).isFalse();
    }
  }

  @Test
  void aNewNodeThatCannotAskAtItsStartExecutesAll() throws Exception {
    AtomicBoolean away = new AtomicBoolean(true);
    ErasureOrders orders =
        intercepted(
            (_, _) -> {
              if (away.get()) {
                throw new StoreUnavailableException("as the test asked");
              }
            });
    try (TestNode asked = new TestNode("asked", true);
        TestNode fresh = new TestNode(folder.resolve("fresh"), true, orders)) {
      fresh.erasure.start();
      fresh.record().close();
      asked.erasure.erase(ID, false);
      away.set(false);

      await().until(() -> !fresh.isRecorded());
    }
  }

  @Test
  void notAllOrdersAreLookedAtEachTime() throws Exception {
    List<String> asked = new ArrayList<>();
    List<Long> after = new ArrayList<>();
    ErasureOrders orders =
        intercepted(
            (method, arguments) -> {
              asked.add(method);
              if (method.equals("due") && arguments.length == 3) {
                after.add((Long) arguments[1]);
              }
            });
    for (int i = 0; i < 1500; i++) {
      store.erase(ID, false, clock.instant());
    }
    try (TestNode node = new TestNode(folder.resolve("fresh"), true, orders)) {
      node.erasure.start();
      node.erasure.executeAll();

      assertThat(asked.stream().filter("forgetBefore"::equals)).hasSize(1);
      assertThat(after).containsExactly(0L, 500L);
    }
  }

  @Test
  void anOrderReachesBothOfTwoNodesWhoseDataFoldersAreCopies() throws Exception {
    try (TestNode asked = new TestNode("asked", true);
        TestNode original = new TestNode("original", true)) {
      original.record().close();
      original.erasure.start();
      copy(original.data, folder.resolve("copy"));
      try (TestNode copy = new TestNode("copy", true)) {
        copy.erasure.start();
        asked.erasure.erase(ID, false);

        original.erasure.executeAll();
        copy.erasure.executeAll();

        assertThat(original.isRecorded()).isFalse();
        assertThat(copy.isRecorded()).isFalse();
        assertThat(Node.of(original.data).id()).isNotEqualTo(Node.of(copy.data).id());
        assertThat(asked.erasure.outcome(ID).orElseThrow().pending()).isEmpty();
      }
    }
  }

  @Test
  void whatTheOriginalExecutedBeforeItsCopyRanIsExecutedThereToo() throws Exception {
    try (TestNode asked = new TestNode("asked", true);
        TestNode original = new TestNode("original", true)) {
      original.record().close();
      original.erasure.start();
      copy(original.data, folder.resolve("copy"));
      asked.erasure.erase(ID, false);
      original.erasure.executeAll();
      try (TestNode copy = new TestNode("copy", true)) {
        copy.erasure.start();
        original.erasure.executeAll();
        copy.erasure.executeAll();

        assertThat(copy.isRecorded()).isFalse();
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  /** The store's orders; a test sees each call before it is made. */
  private ErasureOrders intercepted(BiConsumer<String, Object[]> before) {
    return (ErasureOrders)
        Proxy.newProxyInstance(
            ErasureOrders.class.getClassLoader(),
            new Class<?>[] {ErasureOrders.class},
            (_, method, arguments) -> {
              before.accept(method.getName(), arguments);
              return method.invoke(store.erasures(), arguments);
            });
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
