package org.linescribe.session.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.linescribe.session.outbox.OutboxTest.appended;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.WordQuery;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.SqlStoreSettings;
import org.linescribe.session.store.StoreWrite;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.servers.CuttableProxy;
import org.linescribe.testsupport.servers.SharedMariaDb;

/** The store with its outbox, in front of a real MariaDB that is cut, stalled and mended. */
class DurableStoreTest {
  private static final SessionId ID = new SessionId("call-1");
  private static final Duration BOUND = Duration.ofMillis(250);

  @TempDir private Path directory;
  private final String database = SharedMariaDb.newDatabase();
  private final CuttableProxy way = new CuttableProxy(SharedMariaDb.port());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private DurableStore store;

  @BeforeEach
  void open() {
    store = DurableStore.open(sql(way.port()), directory, 1 << 20, BOUND, meters, id -> {});
  }

  @AfterEach
  void close() {
    way.mend();
    store.close();
    way.close();
  }

  private SegmentStore sql(int port) {
    return SqlSegmentStore.connect(
        new SqlStoreSettings(
            SharedMariaDb.url(port, database),
            "root",
            "",
            4,
            // Short where a test cuts the connection; else as long as a loaded machine needs.
            port == way.port() ? Duration.ofSeconds(3) : Duration.ofSeconds(30),
            Duration.ofSeconds(30)));
  }

  @Test
  void cutDatabaseLosesNothingAndGetsAllInOrderWhenItIsBack() throws Exception {
    inTheDatabase(appended(1));
    way.cut();
    store.write(appended(2));
    store.write(appended(3));

    assertThat(store.outboxSegments()).isEqualTo(2);
    assertThat(store.isReachable()).isFalse();
    assertThat(store.segments(ID, 2, 10)).extracting(Segment::seq).containsExactly(2L, 3L);
    assertThatThrownBy(() -> store.segments(ID, 1, 10))
        .isInstanceOf(StoreUnavailableException.class);
    assertThatThrownBy(() -> store.lastSeq(ID)).isInstanceOf(StoreUnavailableException.class);

    way.mend();

    assertThat(store.awaitDrained(Patience.LIMIT)).isTrue();
    try (SegmentStore direct = sql(SharedMariaDb.port())) {
      assertThat(direct.segments(ID, 1, 10)).extracting(Segment::seq).containsExactly(1L, 2L, 3L);
    }
    assertThat(meters.counter("linescribe.session.outbox.spilled").count())
        .isGreaterThanOrEqualTo(2);
  }

  @Test
  void stalledDatabaseDelaysAWriteNoLongerThanTheBound() throws Exception {
    inTheDatabase(appended(1));
    way.stall();

    store.write(appended(2));
    store.write(appended(3));

    assertThat(store.outboxSegments()).isEqualTo(2);
    way.mend();
    assertThat(store.awaitDrained(Patience.LIMIT)).isTrue();
    assertThat(store.segments(ID, 1, 10)).extracting(Segment::seq).containsExactly(1L, 2L, 3L);
  }

  @Test
  void readsSeeOutboxAndStoreAsOne() throws Exception {
    store.write(opened());
    store.write(appended(1));
    way.cut();
    store.write(appended(2));
    store.write(new StoreWrite.Ended(ID, Instant.EPOCH.plusSeconds(9), "bye"));
    way.mend();

    await()
        .ignoreException(StoreUnavailableException.class)
        .until(() -> store.segments(ID, 1, 10).size() == 2);
    assertThat(store.lastSeq(ID)).isEqualTo(2);
    assertThat(store.find(ID).orElseThrow())
        .satisfies(
            record -> {
              assertThat(record.lastSeq()).isEqualTo(2);
              assertThat(record.endReason()).contains("bye");
            });
    assertThat(store.list(SessionQuery.all(Optional.empty(), 10)))
        .singleElement()
        .satisfies(record -> assertThat(record.lastSeq()).isEqualTo(2));
  }

  @Test
  void processKilledBetweenOutboxAndStoreLosesAndDoublesNothing(@TempDir Path copy)
      throws Exception {
    way.cut();
    store.write(opened());
    store.write(appended(1));
    store.write(appended(2));
    try (var files = Files.list(directory)) {
      for (Path file : files.filter(p -> p.toString().endsWith(".log")).toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    way.mend();
    assertThat(store.awaitDrained(Patience.LIMIT)).isTrue();

    // The killed process's files again, after the database has taken what they hold.
    try (DurableStore next =
        DurableStore.open(sql(SharedMariaDb.port()), copy, 1 << 20, BOUND, meters, id -> {})) {
      assertThat(next.awaitDrained(Patience.LIMIT)).isTrue();
      assertThat(next.segments(ID, 1, 10)).extracting(Segment::seq).containsExactly(1L, 2L);
    }
    assertThat(meters.counter("linescribe.session.outbox.conflicts").count()).isZero();
  }

  @Test
  void numberThatAnotherNodeTookIsSetAsideAndTheRestGoesOn() throws Exception {
    way.cut();
    store.write(appended(1));
    store.write(appended(2));
    try (SegmentStore other = sql(SharedMariaDb.port())) {
      Segment mine = appended(1).segment();
      other.write(
          new StoreWrite.Appended(
              new Segment(
                  ID,
                  1,
                  mine.leg(),
                  "another node's",
                  mine.startMs(),
                  mine.endMs(),
                  List.of(),
                  mine.model(),
                  mine.createdAt())));
    }

    way.mend();

    assertThat(store.awaitDrained(Patience.LIMIT)).isTrue();
    assertThat(store.segments(ID, 1, 10))
        .extracting(Segment::text)
        .containsExactly("another node's", "text 2");
    assertThat(Files.readString(directory.resolve("conflicts.log"))).contains("text 1");
    store.close();
    store =
        DurableStore.open(
            sql(SharedMariaDb.port()), directory, 1 << 20, Patience.LIMIT, meters, id -> {});
    assertThatThrownBy(() -> store.write(appended(1))).isInstanceOf(SegmentConflictException.class);

    // A crash cut a line off; and the database has nothing of the session any more.
    Path conflicts = directory.resolve("conflicts.log");
    Files.write(
        conflicts,
        "{\"session_id\":\"another\",\"text\":\"\u00c3".getBytes(StandardCharsets.ISO_8859_1),
        StandardOpenOption.APPEND);
    assertThat(store.erase(ID, true, Instant.now())).isEmpty();
    assertThat(Files.readString(conflicts, StandardCharsets.ISO_8859_1))
        .doesNotContain("text 1")
        .contains("another");
  }

  @Test
  void whatWaitsOfASessionThatIsErasedMeanwhileNeverReachesTheDatabase() throws Exception {
    inTheDatabase(opened());
    inTheDatabase(appended(1));
    way.cut();
    store.write(appended(2));
    try (SegmentStore other = sql(SharedMariaDb.port())) {
      assertThat(other.erase(ID, true, Instant.now())).hasValue(1);
      assertThatThrownBy(() -> store.eraseRest(ID, Instant.now()))
          .isInstanceOf(StoreUnavailableException.class);

      way.mend();

      assertThat(store.awaitDrained(Patience.LIMIT)).isTrue();
      assertThat(other.segments(ID, 1, 10)).isEmpty();
      assertThat(other.find(ID)).isEmpty();
    }
  }

  @Test
  void fullOutboxRefusesUntilTheDatabaseHasTakenSomeOfIt() throws Exception {
    store.close();
    store = DurableStore.open(sql(way.port()), directory, 600, BOUND, meters, id -> {});
    inTheDatabase(appended(1));
    way.cut();
    store.write(appended(2));
    store.write(appended(3));

    assertThatThrownBy(() -> store.write(appended(4)))
        .isInstanceOf(java.io.UncheckedIOException.class)
        .hasMessageContaining("full");
    way.mend();

    assertThat(store.awaitDrained(Patience.LIMIT)).isTrue();
    store.write(appended(4));
    assertThat(store.awaitDrained(Patience.LIMIT)).isTrue();
    assertThat(store.segments(ID, 1, 10)).extracting(Segment::seq).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void listsSessionsThatOnlyTheOutboxKnowsInTheirPlaces() throws Exception {
    store.close();
    RefusingWrites refusing = new RefusingWrites(sql(SharedMariaDb.port()));
    store = DurableStore.open(refusing, directory, 1 << 20, BOUND, meters, id -> {});
    for (int second : new int[] {1, 3, 5}) {
      refusing.delegate.write(opened("kept-" + second, second));
    }
    refusing.refuses = true;
    for (int second : new int[] {2, 4, 6}) {
      store.write(opened("waiting-" + second, second));
    }
    store.write(new StoreWrite.Ended(new SessionId("kept-5"), Instant.EPOCH.plusSeconds(9), "bye"));

    List<SessionRecord> listed = new java.util.ArrayList<>();
    Optional<SessionId> before = Optional.empty();
    List<SessionRecord> page;
    do {
      page = store.list(SessionQuery.all(before, 2));
      listed.addAll(page);
      before = page.isEmpty() ? before : Optional.of(page.getLast().sessionId());
    } while (!page.isEmpty() && listed.size() < 20);

    assertThat(listed)
        .extracting(record -> record.sessionId().value())
        .containsExactly("waiting-6", "kept-5", "waiting-4", "kept-3", "waiting-2", "kept-1");
    assertThat(listed.get(1).endReason()).contains("bye");
  }

  @Test
  void listsASessionWithTheNumberOfAFinalThatWaits() throws Exception {
    store.close();
    RefusingWrites refusing = new RefusingWrites(sql(SharedMariaDb.port()));
    store = DurableStore.open(refusing, directory, 1 << 20, BOUND, meters, id -> {});
    store.write(opened());
    store.write(appended(1));
    refusing.refuses = true;
    store.write(appended(2));

    assertThat(store.find(ID).orElseThrow().lastSeq()).isEqualTo(2);
    assertThat(store.list(SessionQuery.all(Optional.empty(), 10)))
        .extracting(SessionRecord::lastSeq)
        .containsExactly(2L);
  }

  private static StoreWrite.Opened opened(String id, int second) {
    Instant at = Instant.EPOCH.plusSeconds(second);
    return new StoreWrite.Opened(
        new SessionId(id), "sip", Optional.of("alice"), List.of("caller"), at, at, Map.of());
  }

  /** A database that answers and takes nothing. */
  private static final class RefusingWrites implements SegmentStore {
    private final SegmentStore delegate;
    private volatile boolean refuses;

    private RefusingWrites(SegmentStore delegate) {
      this.delegate = delegate;
    }

    @Override
    public void write(StoreWrite write) throws SegmentConflictException {
      if (refuses) {
        throw new StoreUnavailableException("refused, as the test asked", null);
      }
      delegate.write(write);
    }

    @Override
    public long lastSeq(SessionId sessionId) {
      return delegate.lastSeq(sessionId);
    }

    @Override
    public Optional<Instant> lastOpening(SessionId sessionId) {
      return delegate.lastOpening(sessionId);
    }

    @Override
    public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
      return delegate.segments(sessionId, fromSeq, limit);
    }

    @Override
    public WordQuery.Page find(WordQuery query) {
      return new WordQuery.Page(List.of(), Optional.empty());
    }

    @Override
    public Optional<SessionRecord> find(SessionId sessionId) {
      return delegate.find(sessionId);
    }

    @Override
    public List<SessionRecord> list(SessionQuery query) {
      return delegate.list(query);
    }

    @Override
    public int deleteEndedBefore(Instant end, String ownerPrefix, int limit) {
      return delegate.deleteEndedBefore(end, ownerPrefix, limit);
    }

    @Override
    public OptionalLong erase(SessionId sessionId, boolean unended, Instant now) {
      return delegate.erase(sessionId, unended, now);
    }

    @Override
    public boolean isReachable() {
      return delegate.isReachable();
    }

    @Override
    public void close() {
      delegate.close();
    }
  }

  /** On a loaded machine even a healthy database may exceed the bound. */
  private void inTheDatabase(StoreWrite write) throws Exception {
    store.write(write);
    assertThat(store.awaitDrained(Patience.LIMIT)).isTrue();
  }

  private static StoreWrite.Opened opened() {
    return new StoreWrite.Opened(
        ID, "sip", Optional.of("alice"), List.of("caller"), Instant.EPOCH, Instant.EPOCH, Map.of());
  }
}
