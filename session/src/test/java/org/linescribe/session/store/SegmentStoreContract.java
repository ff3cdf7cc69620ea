package org.linescribe.session.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Token;
import org.linescribe.session.Participant;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.AnnouncementTimes;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.erasure.ErasureOrder;
import org.linescribe.session.erasure.ErasureOrders;
import org.linescribe.session.erasure.Node;
import org.linescribe.session.keys.StoredKey;

/** What every segment store keeps to. */
abstract class SegmentStoreContract extends StoredSessionsContract {
  @Test
  void keepsEachKeyOnceUntilItIsRemoved() {
    StoredKey crm = key("crm", "a", List.of("read", "send"));
    assertThat(store.keys().add(crm)).isTrue();
    assertThat(store.keys().add(key("CRM", "b", List.of("admin")))).isTrue();
    assertThat(store.keys().add(key("crm", "c", List.of()))).isFalse();
    assertThat(store.keys().add(key("other", "a", List.of()))).isFalse();
    assertThat(store.keys().all()).containsExactly(key("CRM", "b", List.of("admin")), crm);
    assertThat(store.keys().remove("crm")).isTrue();
    assertThat(store.keys().remove("crm")).isFalse();
    assertThat(store.keys().all()).extracting(StoredKey::name).containsExactly("CRM");
  }

  @Test
  void anErasureIsDueAtEachNodeUntilThatHasDoneIt() throws Exception {
    ErasureOrders orders = store.erasures();
    Node one = node("one");
    Node two = node("two");
    orders.seen(one, "first", START);
    orders.seen(two, "first", START);
    orders.seen(one, "second", START.plusSeconds(1));
    assertThat(orders.run(one)).contains("second");
    open(ID, 0, "crm");
    assertThat(store.erase(ID, false, START)).as("it has no end").isEmpty();
    assertThat(orders.newest(ID)).isEmpty();
    store.write(new StoreWrite.Ended(ID, START.plusSeconds(1), "bye"));

    assertThat(store.erase(ID, false, START.plusSeconds(2))).hasValue(0);
    store.erase(new SessionId("other"), false, START.plusSeconds(3));

    assertThat(store.erasedAt(ID)).contains(START.plusSeconds(2));
    List<ErasureOrder> due = orders.due(one, 0, 10);
    assertThat(due)
        .extracting(order -> order.sessionId().value())
        .containsExactly(ID.value(), "other");
    assertThat(orders.due(one, due.getFirst().id(), 10)).containsExactly(due.getLast());
    orders.done(due.getFirst(), one, true, START.plusSeconds(4));
    orders.done(due.getFirst(), one, false, START.plusSeconds(5));
    assertThat(orders.due(one, ID)).isEmpty();
    assertThat(orders.due(two, ID)).containsExactly(due.getFirst());
    ErasureOrders.State state = orders.newest(ID).orElseThrow();
    assertThat(state.done())
        .containsExactly(
            new ErasureOrders.NodeState(
                "one:/data", START.plusSeconds(1), Optional.of(START.plusSeconds(4)), true));
    assertThat(state.pending())
        .extracting(ErasureOrders.NodeState::name)
        .containsExactly("two:/data");

    orders.forgetBefore(START.plusSeconds(1));
    assertThat(orders.newest(ID).orElseThrow().pending()).as("a node that is gone").isEmpty();
    orders.forget(due.getLast());
    assertThat(orders.due(two, 0, 10)).containsExactly(due.getFirst());
    orders.forgetBefore(START.plusSeconds(3));
    assertThat(orders.due(two, 0, 10)).isEmpty();
  }

  private static Node node(String host) {
    return new Node(UUID.randomUUID().toString(), host + ":/data", Path.of("/data"), false);
  }

  @Test
  void aNodeBeginsBehindTheOrdersThatAreThereAndRepeatsWhatItDid() {
    ErasureOrders orders = store.erasures();
    store.erase(ID, false, START);
    Node fresh = node("fresh");

    orders.begin(fresh, START.plusSeconds(1));
    orders.seen(fresh, "first", START.plusSeconds(2));

    assertThat(orders.due(fresh, 0, 10)).isEmpty();
    assertThat(orders.due(fresh, ID)).isEmpty();
    assertThat(orders.newest(ID).orElseThrow().nodes()).isEmpty();
    store.erase(ID, false, START.plusSeconds(3));
    List<ErasureOrder> due = orders.due(fresh, 0, 10);
    assertThat(due).extracting(ErasureOrder::at).containsExactly(START.plusSeconds(3));
    assertThat(orders.newest(ID).orElseThrow().pending()).hasSize(1);
    orders.done(due.getFirst(), fresh, true, START.plusSeconds(4));
    assertThat(orders.due(fresh, ID)).isEmpty();
    orders.repeat(fresh);
    assertThat(orders.due(fresh, ID)).isEqualTo(due);
  }

  @Test
  void aCallThatGoesOnOverTheErasureOfItsSessionLeavesNoRecord() throws Exception {
    CallRecord before = callRecord("one", 1);
    CallRecord afterwards = callRecord("one", 3);
    store.erase(before.sessionId(), true, before.startedAt().plusSeconds(5));

    store.write(new StoreWrite.CallEnded(before));
    store.write(new StoreWrite.CallEnded(afterwards));

    assertThat(store.calls(Optional.empty(), 10)).containsExactly(afterwards);
  }

  @Test
  void aSessionThatWasDescribedWhileItWasErasedGoesWithoutAnEnd() throws Exception {
    open(ID, 0, "crm");
    store.erase(ID, true, START.plusSeconds(5));
    open(ID, 0, "crm");
    store.write(new StoreWrite.Appended(segment(ID, 3, "late words")));

    store.eraseRest(ID, START.plusSeconds(5));

    assertThat(store.find(ID)).isEmpty();
    assertThat(store.segments(ID, 1, 10)).isEmpty();
  }

  @Test
  void whatIsWrittenWhileASessionIsErasedGoesAndASessionThatBeginsAfterwardsStays()
      throws Exception {
    store.erase(ID, true, START.plusSeconds(5));
    store.write(new StoreWrite.Appended(segment(ID, 3, "late words")));

    store.eraseRest(ID, START.plusSeconds(5));

    assertThat(store.segments(ID, 1, 10)).isEmpty();
    open(ID, 1, "crm");
    store.write(new StoreWrite.Appended(segment(ID, 1, "early")));
    store.write(new StoreWrite.Ended(ID, START.plusSeconds(2), "bye"));
    store.eraseRest(ID, START.plusSeconds(5));
    assertThat(store.find(ID)).isEmpty();
    assertThat(texts("early")).isEmpty();
    open(ID, 6, "crm");
    store.write(new StoreWrite.Appended(segment(ID, 1, "afterwards")));
    store.write(new StoreWrite.Ended(ID, START.plusSeconds(7), "bye"));

    store.eraseRest(ID, START.plusSeconds(5));

    assertThat(texts("afterwards")).containsExactly("afterwards");
    assertThat(store.find(ID)).isPresent();
  }

  private static StoredKey key(String name, String digit, List<String> scopes) {
    return new StoredKey(name, digit.repeat(64), "owner", scopes, START, "console");
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
            START,
            Optional.of(
                new Participant("Grüße 😀", "sip:a@b", Optional.of(Participant.Role.CALLER))),
            Optional.of("de"));

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

  private static CallRecord callRecord(String id, int minute) {
    Instant at = START.plusSeconds(60L * minute);
    return new CallRecord(
        new SessionId(id),
        "a84b4c@pc33",
        "sip",
        Optional.of("carrier"),
        "sip:alice@example.com",
        "sip:bob@example.com",
        "udp",
        at,
        Optional.of(at.plusSeconds(1)),
        minute == 1
            ? Optional.empty()
            : Optional.of(
                new AnnouncementTimes(
                    at.plusSeconds(1),
                    minute == 2 ? Optional.empty() : Optional.of(at.plusSeconds(4)))),
        at.plusSeconds(30),
        "bye",
        List.of(new LegQuality("caller", "pcmu", 1500, 2, 1, 0, 1.5, 0)));
  }

  @Test
  void callRecordsAreKeptWholeOnceAndListedNewestFirst() throws Exception {
    CallRecord first = callRecord("one", 1);
    CallRecord second = callRecord("two", 2);
    CallRecord again = callRecord("one", 3);
    for (CallRecord record : List.of(first, second, again, again)) {
      store.write(new StoreWrite.CallEnded(record));
    }

    assertThat(store.calls(Optional.empty(), 10)).containsExactly(again, second, first);
    assertThat(store.calls(Optional.of(again.startedAt()), 1)).containsExactly(second);
    assertThat(store.newestCall(new SessionId("one"))).contains(again);
    assertThat(store.newestCall(new SessionId("three"))).isEmpty();

    store.deleteEndedBefore(again.startedAt(), "", 10);
    assertThat(store.calls(Optional.empty(), 10)).containsExactly(again);
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
  void insightsAreKeptWithTheirSessionAndErasedWithIt() throws Exception {
    String long64KiB = "{\"translation\":\"" + "ü".repeat(70_000) + "\"}";
    assertThat(store.keepInsights(ID, "{}")).as("no such session").isFalse();
    store.write(opened(ID, START, START, "sip"));
    assertThat(store.insights(ID)).isEmpty();

    assertThat(store.keepInsights(ID, "{}")).isTrue();
    assertThat(store.keepInsights(ID, long64KiB)).isTrue();
    assertThat(store.insights(ID)).contains(long64KiB);

    store.write(opened(ID, START, START.plusSeconds(60), "sip"));
    assertThat(store.insights(ID)).as("opened again").contains(long64KiB);

    store.erase(ID, true, START);
    assertThat(store.insights(ID)).isEmpty();
  }

  @Test
  void answersThatItIsReachable() {
    assertThat(store.isReachable()).isTrue();
  }

  private static Long[] range(long from, long to) {
    return java.util.stream.LongStream.rangeClosed(from, to).boxed().toArray(Long[]::new);
  }
}
