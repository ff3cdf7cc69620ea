package org.linescribe.session.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;

/** What every segment store keeps of sessions. */
abstract class StoredSessionsContract extends StoreSearchContract {
  static StoreWrite.Opened call(String id, String callId) {
    return new StoreWrite.Opened(
        new SessionId(id),
        "sip",
        Optional.empty(),
        List.of("caller"),
        START,
        START,
        Map.of("call_id", callId));
  }

  static StoreWrite.Opened owned(String id, String owner) {
    return new StoreWrite.Opened(
        new SessionId(id), "sip", Optional.of(owner), List.of(), START, START, Map.of());
  }

  List<SessionRecord> ofCall(String callId) {
    return store.list(
        new SessionQuery(Optional.empty(), Optional.of(callId), Optional.empty(), 10));
  }

  @Test
  void aSessionStaysItsFirstOwnersAndEachListsItsOwn() throws Exception {
    store.write(owned("one", "alice"));
    store.write(owned("two", "bob"));
    store.write(owned("three", "alice"));
    store.write(call("nobodys", "x"));

    store.write(owned("one", "bob"));
    SessionQuery first =
        new SessionQuery(Optional.of("alice"), Optional.empty(), Optional.empty(), 1);

    assertThat(store.find(new SessionId("one")).orElseThrow().owner()).contains("alice");
    assertThat(store.find(new SessionId("nobodys")).orElseThrow().owner()).isEmpty();
    assertThat(store.list(first)).extracting(r -> r.sessionId().value()).containsExactly("three");
    assertThat(store.list(first.from(Optional.of(new SessionId("three")))))
        .extracting(r -> r.sessionId().value())
        .containsExactly("one");
  }

  @Test
  void sessionsOfACallAreFoundByItsCallId() throws Exception {
    String longer = "x".repeat(300);
    store.write(call("one", "a84b4c76e66710@pc33.example.com"));
    store.write(call("two", longer + "1"));
    store.write(call("three", longer + "2"));

    assertThat(ofCall("a84b4c76e66710@pc33.example.com"))
        .extracting(record -> record.sessionId().value())
        .containsExactly("one");
    assertThat(ofCall(longer + "2"))
        .extracting(record -> record.sessionId().value())
        .containsExactly("three");
    assertThat(ofCall("%")).isEmpty();
  }

  @Test
  void endedSessionsAreDeletedWithTheirSegmentsAndOpenOnesStay() throws Exception {
    for (String id : List.of("old", "young", "open", "killed")) {
      store.write(call(id, id));
      store.write(new StoreWrite.Appended(segment(new SessionId(id), 1, "one")));
    }
    store.write(new StoreWrite.Ended(new SessionId("old"), START.plusSeconds(1), "bye"));
    store.write(new StoreWrite.Ended(new SessionId("young"), START.plusSeconds(100), "bye"));

    assertThat(store.deleteEndedBefore(START.plusSeconds(50), "", 10)).isEqualTo(1);

    assertThat(store.find(new SessionId("old"))).isEmpty();
    assertThat(store.lastSeq(new SessionId("old"))).isZero();
    assertThat(store.lastSeq(new SessionId("young"))).isEqualTo(1);
    assertThat(store.find(new SessionId("open"))).isPresent();

    store.write(new StoreWrite.Appended(segment("open", START.plus(Duration.ofDays(2)))));
    assertThat(store.deleteEndedBefore(START.plus(Duration.ofDays(2)), "", 1)).isEqualTo(1);
    assertThat(store.deleteEndedBefore(START.plus(Duration.ofDays(2)), "", 9)).isEqualTo(1);
    assertThat(store.find(new SessionId("young"))).isEmpty();
    assertThat(store.find(new SessionId("killed"))).isEmpty();
    assertThat(store.find(new SessionId("open"))).isPresent();
  }

  static Segment segment(String id, Instant at) {
    return new Segment(
        new SessionId(id), 2, "caller", "late", 2000, 2500, List.of(), "model-a", at);
  }

  @Test
  void sessionsOfStrangersAreDeletedAlone() throws Exception {
    for (String owner : List.of("stranger:192.0.2.1", "sip:10.0.0.1", "trunk")) {
      store.write(owned(owner, owner));
      store.write(new StoreWrite.Ended(new SessionId(owner), START.plusSeconds(1), "bye"));
    }
    store.write(call("nobodys", "x"));
    store.write(new StoreWrite.Ended(new SessionId("nobodys"), START.plusSeconds(1), "bye"));

    assertThat(store.deleteEndedBefore(START.plusSeconds(50), "stranger:", 10)).isEqualTo(1);

    assertThat(store.find(new SessionId("stranger:192.0.2.1"))).isEmpty();
    assertThat(store.list(SessionQuery.all(Optional.empty(), 10))).hasSize(3);
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
  void sessionIsOpenedEndedAndOpenedAgain() throws Exception {
    store.write(opened(ID, START, START, "sip"));
    store.write(new StoreWrite.Appended(segment(ID, 1, "one")));
    store.write(new StoreWrite.Ended(ID, START.plusSeconds(5), "bye"));

    assertThat(store.find(ID))
        .contains(
            new SessionRecord(
                ID,
                "sip",
                Optional.empty(),
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
  void anEndOfASourceThatHasASuccessorIsWithoutEffect() throws Exception {
    store.write(opened(ID, START, START, "sip"));
    store.write(opened(ID, START, START.plusSeconds(5), "websocket"));

    store.write(new StoreWrite.Ended(ID, START, START.plusSeconds(9), "cut off"));
    assertThat(store.find(ID).orElseThrow().endedAt()).isEmpty();

    store.write(new StoreWrite.Ended(ID, START.plusSeconds(5), START.plusSeconds(7), "bye"));
    store.write(new StoreWrite.Ended(ID, START, START.plusSeconds(9), "cut off"));
    assertThat(store.find(ID).orElseThrow().endReason()).contains("bye");
  }

  @Test
  void knowsWhenTheNewestSourceOpened() throws Exception {
    assertThat(store.lastOpening(ID)).isEmpty();
    store.write(opened(ID, START, START, "sip"));
    store.write(opened(ID, START, START.plusSeconds(5), "websocket"));
    store.write(new StoreWrite.Ended(ID, START.plusSeconds(5), START.plusSeconds(7), "bye"));

    assertThat(store.lastOpening(ID)).contains(START.plusSeconds(5));
  }

  @Test
  void aSuccessorWhoseOpeningComesAfterALaterEndIsOpen() throws Exception {
    store.write(opened(ID, START, START, "sip"));
    store.write(new StoreWrite.Ended(ID, START, START.plusSeconds(9), "cut off"));

    store.write(opened(ID, START, START.plusSeconds(5), "websocket"));

    SessionRecord record = store.find(ID).orElseThrow();
    assertThat(record.kind()).isEqualTo("websocket");
    assertThat(record.endedAt()).isEmpty();
  }

  @Test
  void aSourceMayChangeWhatItDeclaresUntilItEnds() throws Exception {
    store.write(opened(ID, START, START, "sip"));
    store.write(opened(ID, START, START, "changed"));
    assertThat(store.find(ID).orElseThrow().kind()).isEqualTo("changed");

    store.write(new StoreWrite.Ended(ID, START, START.plusSeconds(9), "bye"));
    store.write(opened(ID, START, START, "late"));

    SessionRecord record = store.find(ID).orElseThrow();
    assertThat(record.kind()).isEqualTo("changed");
    assertThat(record.endReason()).contains("bye");
  }
}
