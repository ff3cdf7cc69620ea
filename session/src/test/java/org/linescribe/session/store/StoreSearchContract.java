package org.linescribe.session.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.WordQuery;

/** What every segment store finds: words, and sessions by their time. */
abstract class StoreSearchContract {
  static final Instant START = Instant.parse("2026-03-01T10:00:00.123456Z");
  static final SessionId ID = new SessionId("Call-1");
  protected SegmentStore store;

  abstract SegmentStore open() throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = open();
  }

  @AfterEach
  void closeStore() {
    if (store != null) {
      store.close();
    }
  }

  @Test
  void findsSegmentsByTheirWordsInAnyOrderAndCase() throws Exception {
    open(ID, 0, "crm");
    open(new SessionId("other"), 1, "wallboard");
    store.write(new StoreWrite.Appended(segment(ID, 1, "Die GRÜSSE aus Köln, 42")));
    store.write(new StoreWrite.Appended(segment(ID, 2, "it's at 4:30, 東京 and " + "x".repeat(90))));
    store.write(new StoreWrite.Appended(segment(new SessionId("other"), 1, "köln again")));

    assertThat(texts("köln")).containsExactly("köln again", "Die GRÜSSE aus Köln, 42");
    assertThat(texts("KÖLN", "die")).containsExactly("Die GRÜSSE aus Köln, 42");
    assertThat(texts("koln grusse")).hasSize(1);
    assertThat(texts("köln", "berlin")).isEmpty();
    assertThat(texts("köl")).isEmpty();
    assertThat(texts("42")).hasSize(1);
    assertThat(texts("4:30")).hasSize(1);
    assertThat(texts("it's")).hasSize(1);
    assertThat(texts("京")).hasSize(1);
    assertThat(texts("x".repeat(90))).hasSize(1);
    assertThat(texts("%")).isEmpty();
    assertThat(texts("' OR '1'='1")).isEmpty();
    assertThat(store.find(words(Optional.of("crm"), Optional.empty(), 10, "köln")).segments())
        .extracting(Segment::sessionId)
        .containsExactly(ID);
  }

  @Test
  void findsWordsPageByPageInWholeSessions() throws Exception {
    for (int i = 0; i < 5; i++) {
      SessionId id = new SessionId("s-" + i);
      open(id, i, "crm");
      for (int seq = 1; seq <= 3; seq++) {
        store.write(new StoreWrite.Appended(segment(id, seq, "word " + seq)));
      }
    }
    WordQuery query = words(Optional.empty(), Optional.empty(), 7, "word");
    List<String> found = new ArrayList<>();
    Optional<WordQuery> next = Optional.of(query);
    while (next.isPresent()) {
      WordQuery.Page page = store.find(next.get());
      page.segments().forEach(segment -> found.add(segment.sessionId() + "/" + segment.seq()));
      next = page.next().map(query::before);
    }
    assertThat(found).hasSize(15).doesNotHaveDuplicates().startsWith("s-4/1", "s-4/2", "s-4/3");
    assertThat(
            store
                .find(
                    new WordQuery(
                        Optional.empty(),
                        List.of("word", "2"),
                        Optional.of(START.plusSeconds(1)),
                        Optional.of(START.plusSeconds(3)),
                        Optional.empty(),
                        10))
                .segments())
        .extracting(segment -> segment.sessionId().value())
        .containsExactly("s-2", "s-1");
    assertThat(store.find(words(Optional.empty(), Optional.of("nobody"), 7, "word")).segments())
        .isEmpty();

    store.write(new StoreWrite.Ended(new SessionId("s-4"), START.plusSeconds(4), "bye"));
    assertThat(store.deleteEndedBefore(START.plusSeconds(5), "", 10)).isEqualTo(1);
    assertThat(store.find(query).segments().getFirst().sessionId().value()).isEqualTo("s-3");
    store.erase(new SessionId("s-3"), true, START);
    assertThat(store.find(query).segments().getFirst().sessionId().value()).isEqualTo("s-2");
  }

  @Test
  void findsATextOfMoreWordsThanAreLookedUp() throws Exception {
    String characters =
        IntStream.range(0, 120)
            .mapToObj(i -> Character.toString(0x4E00 + i))
            .collect(Collectors.joining());
    open(new SessionId("s-1"), 1, "");
    store.write(new StoreWrite.Appended(segment(new SessionId("s-1"), 1, characters)));

    assertThat(texts(characters)).containsExactly(characters);
    assertThat(texts(characters + "\u5000")).isEmpty();
  }

  void open(SessionId id, int second, String owner) throws Exception {
    store.write(
        new StoreWrite.Opened(
            id,
            "sip",
            Optional.of(owner),
            List.of("caller"),
            START.plusSeconds(second),
            START.plusSeconds(second),
            Map.of()));
  }

  static WordQuery words(
      Optional<String> owner, Optional<String> before, int limit, String... words) {
    return new WordQuery(
        owner,
        List.of(words),
        Optional.empty(),
        Optional.empty(),
        before.map(SessionId::new),
        limit);
  }

  List<String> texts(String... words) {
    return store.find(words(Optional.empty(), Optional.empty(), 10, words)).segments().stream()
        .map(Segment::text)
        .toList();
  }

  @Test
  void listsSessionsOfATime() throws Exception {
    for (int i = 0; i < 3; i++) {
      SessionId id = new SessionId("s-" + i);
      store.write(
          new StoreWrite.Opened(
              id,
              "sip",
              Optional.empty(),
              List.of("caller"),
              START.plusSeconds(i),
              START.plusSeconds(i),
              Map.of()));
    }
    SessionQuery middle =
        new SessionQuery(
            Optional.empty(),
            Optional.empty(),
            Optional.of(START.plusSeconds(1)),
            Optional.of(START.plusSeconds(2)),
            Optional.empty(),
            10);
    assertThat(store.list(middle))
        .extracting(record -> record.sessionId().value())
        .containsExactly("s-1");
    assertThat(store.list(middle)).allMatch(middle::matches);
  }

  @Test
  void listsNewestFirstInPages() throws Exception {
    for (int i = 0; i < 7; i++) {
      // Two sessions of each second: the id decides between them.
      store.write(
          opened(new SessionId("s" + i), START.plusSeconds(i / 2), START.plusSeconds(i), "sip"));
    }
    List<String> listed = new ArrayList<>();
    Optional<SessionId> before = Optional.empty();
    List<SessionRecord> page;
    do {
      page = store.list(SessionQuery.all(before, 3));
      page.forEach(record -> listed.add(record.sessionId().value()));
      before = page.isEmpty() ? before : Optional.of(page.getLast().sessionId());
    } while (!page.isEmpty());

    assertThat(listed).containsExactly("s6", "s5", "s4", "s3", "s2", "s1", "s0");
  }

  static StoreWrite.Opened opened(SessionId id, Instant started, Instant at, String kind) {
    return new StoreWrite.Opened(
        id,
        kind,
        Optional.empty(),
        List.of("caller", "callee"),
        started,
        at,
        Map.of("call-id", "a😀b"));
  }

  static Segment segment(SessionId id, long seq, String text) {
    return new Segment(
        id, seq, "caller", text, seq * 1000, seq * 1000 + 500, List.of(), "model-a", START);
  }
}
