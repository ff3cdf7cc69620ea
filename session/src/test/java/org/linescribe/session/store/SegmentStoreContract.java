package org.linescribe.session.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;

/** What every segment store keeps to. */
abstract class SegmentStoreContract {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00.123456Z");
  private static final SessionId ID = new SessionId("Call-1");
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
  void keepsASegmentWhole() throws Exception {
    Segment segment =
        new Segment(
            ID,
            1,
            "caller",
            "grüße 😀 𝄞 日本",
            10,
            5_000_000_000L,
            List.of(new Token("grüße", 10, 0.25), new Token(" 😀", 400, Double.NaN)),
            "model-a",
            START);

    store.write(new StoreWrite.Appended(segment));

    assertThat(store.segments(ID, 1, 10)).containsExactly(segment);
    assertThat(store.lastSeq(ID)).isEqualTo(1);
  }

  @Test
  void repeatedInsertChangesNothingAndAnotherContentIsDetected() throws Exception {
    Segment segment = segment(ID, 1, "one");
    store.write(new StoreWrite.Appended(segment));

    assertThatCode(() -> store.write(new StoreWrite.Appended(segment))).doesNotThrowAnyException();
    assertThatThrownBy(() -> store.write(new StoreWrite.Appended(segment(ID, 1, "two"))))
        .isInstanceOf(SegmentConflictException.class)
        .hasMessageNotContaining("two");
    assertThat(store.segments(ID, 1, 10)).containsExactly(segment);
  }

  @Test
  void idsThatDifferInCaseAreDifferentSessions() throws Exception {
    store.write(new StoreWrite.Appended(segment(ID, 1, "one")));
    SessionId other = new SessionId("call-1");

    store.write(new StoreWrite.Appended(segment(other, 1, "other")));

    assertThat(store.segments(other, 1, 10)).extracting(Segment::text).containsExactly("other");
    assertThat(store.lastSeq(new SessionId("CALL-1"))).isZero();
  }

  @Test
  void readsPagesFromANumberOn() throws Exception {
    for (int seq = 1; seq <= 25; seq++) {
      store.write(new StoreWrite.Appended(segment(ID, seq, "text " + seq)));
    }

    assertThat(store.segments(ID, 8, 10)).extracting(Segment::seq).containsExactly(range(8, 17));
    assertThat(store.segments(ID, 26, 10)).isEmpty();
    assertThatThrownBy(() -> store.segments(ID, 1, 1001))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sessionIsOpenedEndedAndOpenedAgain() throws Exception {
    store.write(opened(ID, START, START, "sip"));
    store.write(new StoreWrite.Appended(segment(ID, 1, "one")));
    store.write(new StoreWrite.Ended(ID, START.plusSeconds(5), "bye"));

    assertThat(store.find(ID))
        .contains(
            new SessionRecord(
                ID,
                "sip",
                List.of("caller", "callee"),
                START,
                Optional.of(START.plusSeconds(5)),
                Optional.of("bye"),
                1,
                Map.of("call-id", "a😀b")));

    store.write(opened(ID, START, START.plusSeconds(9), "websocket"));

    SessionRecord again = store.find(ID).orElseThrow();
    assertThat(again.kind()).isEqualTo("websocket");
    assertThat(again.startedAt()).isEqualTo(START);
    assertThat(again.endedAt()).isEmpty();
    assertThat(again.endReason()).isEmpty();
  }

  @Test
  void changeThatComesLateNeverOverwritesANewerOne() throws Exception {
    store.write(opened(ID, START, START, "sip"));
    store.write(new StoreWrite.Ended(ID, START.plusSeconds(5), "bye"));

    store.write(opened(ID, START, START, "sip"));
    assertThat(store.find(ID).orElseThrow().endReason()).contains("bye");

    store.write(opened(ID, START, START.plusSeconds(9), "sip"));
    store.write(new StoreWrite.Ended(ID, START.plusSeconds(5), "bye"));
    assertThat(store.find(ID).orElseThrow().endReason()).isEmpty();
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
      page = store.list(before, 3);
      page.forEach(record -> listed.add(record.sessionId().value()));
      before = page.isEmpty() ? before : Optional.of(page.getLast().sessionId());
    } while (!page.isEmpty());

    assertThat(listed).containsExactly("s6", "s5", "s4", "s3", "s2", "s1", "s0");
  }

  @Test
  void manyWritersOfOneNumberLeaveOneSegment() throws Exception {
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> attempts = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        Segment mine = segment(ID, 1, "writer " + i);
        attempts.add(
            writers.submit(
                () -> {
                  try {
                    store.write(new StoreWrite.Appended(mine));
                    return true;
                  } catch (SegmentConflictException taken) {
                    return false;
                  }
                }));
      }
      int won = 0;
      for (Future<Boolean> attempt : attempts) {
        won += attempt.get() ? 1 : 0;
      }
      assertThat(won).isEqualTo(1);
    }
    assertThat(store.segments(ID, 1, 10)).hasSize(1);
  }

  @Test
  void answersThatItIsReachable() {
    assertThat(store.isReachable()).isTrue();
  }

  private static StoreWrite.Opened opened(SessionId id, Instant started, Instant at, String kind) {
    return new StoreWrite.Opened(
        id, kind, List.of("caller", "callee"), started, at, Map.of("call-id", "a😀b"));
  }

  static Segment segment(SessionId id, long seq, String text) {
    return new Segment(
        id, seq, "caller", text, seq * 1000, seq * 1000 + 500, List.of(), "model-a", START);
  }

  private static Long[] range(long from, long to) {
    return java.util.stream.LongStream.rangeClosed(from, to).boxed().toArray(Long[]::new);
  }
}
