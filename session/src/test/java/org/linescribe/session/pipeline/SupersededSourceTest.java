package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.linescribe.session.pipeline.Speaker.done;
import static org.linescribe.session.pipeline.Speaker.end;
import static org.linescribe.session.pipeline.Speaker.say;
import static org.linescribe.session.pipeline.Speaker.utter;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;

/** What a source may still do whose session another one has taken. */
class SupersededSourceTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private final LosableLease lease = new LosableLease();
  private final CapturingListener received = new CapturingListener();
  private EmbeddedPipeline node;

  @BeforeEach
  void build() {
    node =
        new EmbeddedPipeline(data, settings -> settings.flushTime = Duration.ofMillis(100), lease);
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void doesNotEndTheSessionThatAnotherMachineHoldsNow() throws Exception {
    CapturingReader reader = new CapturingReader();
    node.sessions.subscribe(ID, 1, reader);
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    utter(source, 1, 1);
    lease.lost = true;

    end(source);

    assertThat(node.sessions.find(ID).orElseThrow().endedAt()).isEmpty();
    assertThat(node.sessions.openSources()).isZero();
    lease.lost = false;
    SessionSource next = node.sessions.open(SourceRequest.of(ID, "test"), new CapturingListener());
    utter(next, 2, 2);
    await().until(() -> reader.finalNumbers().size() == 2);
    assertThat(reader.events).noneMatch(TranscriptEvent.Ended.class::isInstance);
    end(next);
  }

  @Test
  void thatWasGivenUpWhileItWasOpenedLeavesTheSessionToTheNodeThatHasIt() throws Exception {
    lease.heldElsewhere = true;
    Withdrawable caller = new Withdrawable(Duration.ofMinutes(5));

    CompletableFuture<SessionSource> opening =
        CompletableFuture.supplyAsync(() -> opened(SourceRequest.of(ID, "test"), caller));
    await().until(() -> caller.asked.get() > 1);
    assertThat(lease.acquired).hasValue(0);
    caller.withdrawn = true;

    assertThatThrownBy(opening::join).hasRootCauseInstanceOf(SessionRefusedException.class);
    assertThat(lease.acquired).hasValue(0);
    assertThat(node.sessions.openSources()).isZero();
  }

  @Test
  void thatNobodyGaveUpInTimeTakesTheSessionFromTheNodeThatHasIt() throws Exception {
    lease.heldElsewhere = true;

    end(opened(SourceRequest.of(ID, "test"), new Withdrawable(Duration.ofMillis(50))));

    assertThat(lease.acquired).hasValue(1);
  }

  @Test
  void thatNobodyElseHasIsNotAskedWhetherItWasGivenUp() throws Exception {
    Withdrawable caller = new Withdrawable(Duration.ofMinutes(5));

    end(opened(SourceRequest.of(ID, "test"), caller));

    assertThat(caller.asked).hasValue(0);
  }

  private SessionSource opened(SourceRequest request, SourceListener listener) {
    try {
      return node.sessions.open(request, listener);
    } catch (SessionRefusedException refused) {
      throw new CompletionException(refused);
    }
  }

  /** A caller that may hang up while its call is opened. */
  private static final class Withdrawable implements SourceListener {
    final AtomicInteger asked = new AtomicInteger();
    volatile boolean withdrawn;
    private final Duration within;

    Withdrawable(Duration within) {
      this.within = within;
    }

    @Override
    public Duration withdrawnWithin() {
      return within;
    }

    @Override
    public boolean isWithdrawn() {
      asked.incrementAndGet();
      return withdrawn;
    }

    @Override
    public void onEvent(TranscriptEvent event) {}

    @Override
    public void onClosed(SourceClosed reason) {}
  }

  @Test
  void isNotToldOfItsCloseWhenItsApiHasEndedIt() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(source, CodedSpeech.words(1));
    lease.lost = true;

    end(source);

    assertThat(received.finals()).isEmpty();
    assertThat(received.closed).isEmpty();
    assertThat(node.sessions.openSources()).isZero();
  }

  @Test
  void isClosedAsSupersededByTheNextWordWhenAnotherMachineHoldsItsSession() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), received);
    say(source, CodedSpeech.words(1));
    lease.lost = true;

    done(source.flush());

    await().until(() -> received.closed.contains(SourceClosed.SUPERSEDED));
    assertThat(received.finals()).isEmpty();
    assertThat(node.sessions.segments(ID, 1, 10)).isEmpty();
  }

  @Test
  void thatEndsLateLeavesTheNewestItsPlace() throws Exception {
    BlockingListener held = new BlockingListener();
    SessionSource stuck = node.sessions.open(SourceRequest.of(ID, "test"), held);
    say(stuck, CodedSpeech.words(1));
    await().until(() -> !held.begun.isEmpty());
    SessionSource second =
        node.sessions.open(SourceRequest.of(ID, "test"), new CapturingListener());
    end(second);
    SessionSource newest = node.sessions.open(SourceRequest.of(ID, "test"), received);

    held.letGo();
    done(stuck.end("bye"));

    assertThat(node.sessions.isLive(ID)).isTrue();
    SessionSource last = node.sessions.open(SourceRequest.of(ID, "test"), new CapturingListener());
    await()
        .untilAsserted(() -> assertThat(received.closed).containsExactly(SourceClosed.SUPERSEDED));
    end(last);
    done(newest.end("bye"));
    assertThat(node.sessions.openSources()).isZero();
  }

  @Test
  void doesNotTakeTheLastPlaceFromItsOwnSuccessor() throws Exception {
    node.close();
    node =
        new EmbeddedPipeline(
            data,
            settings -> {
              settings.flushTime = Duration.ofMillis(100);
              settings.maxSources = 1;
            });
    BlockingListener held = new BlockingListener();
    SessionSource stuck = node.sessions.open(SourceRequest.of(ID, "test"), held);
    say(stuck, CodedSpeech.words(1));
    await().until(() -> !held.begun.isEmpty());

    SessionSource successor = node.sessions.open(SourceRequest.of(ID, "test"), received);

    assertThatThrownBy(
            () ->
                node.sessions.open(
                    SourceRequest.of(new SessionId("call-2"), "test"), new CapturingListener()))
        .isInstanceOf(SessionRefusedException.class)
        .hasMessageContaining("limit of 1");
    held.letGo();
    done(stuck.end("bye"));
    end(successor);
    assertThat(node.sessions.openSources()).isZero();
  }

  private static SourceRequest request(String kind, String owner) {
    return new SourceRequest(
        ID,
        kind,
        Optional.of(owner),
        List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000)),
        RecognitionRequest.DEFAULT,
        Map.of());
  }

  @Test
  void sourceOfAnotherKindOrOwnerIsRefusedAndTheOpenOneGoesOn() throws Exception {
    SessionSource call = node.sessions.open(request("sip", "trunk"), received);

    for (SourceRequest stranger :
        List.of(
            request("websocket", "trunk"), request("sip", "other"), SourceRequest.of(ID, "sip"))) {
      assertThatThrownBy(() -> node.sessions.open(stranger, new CapturingListener()))
          .isInstanceOfSatisfying(
              SessionRefusedException.class,
              refused ->
                  assertThat(refused.reason()).isEqualTo(SessionRefusedException.Reason.CONFLICT));
    }
    say(call, CodedSpeech.words(1));
    end(call);

    assertThat(received.closed).isEmpty();
    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1");
    // The session is free when its source has ended: any kind may go on with it.
    end(node.sessions.open(request("websocket", "trunk"), new CapturingListener()));
  }

  @Test
  void aSessionStaysItsOwnersAfterItsEnd() throws Exception {
    end(node.sessions.open(request("websocket", "key"), received));

    assertThatThrownBy(
            () -> node.sessions.open(request("websocket", "other"), new CapturingListener()))
        .isInstanceOfSatisfying(
            SessionRefusedException.class,
            refused ->
                assertThat(refused.reason()).isEqualTo(SessionRefusedException.Reason.CONFLICT));

    end(node.sessions.open(SourceRequest.of(ID, "websocket"), new CapturingListener()));
    assertThat(node.sessions.find(ID).orElseThrow().owner()).contains("key");
    assertThat(node.sessions.openSources()).isZero();
  }

  @Test
  void newerSourceOfTheSameKindAndOwnerSupersedesTheOlder() throws Exception {
    node.sessions.open(request("websocket", "key"), received);

    end(node.sessions.open(request("websocket", "key"), new CapturingListener()));

    // A newer source waits no longer than the flush time for the older one.
    await()
        .untilAsserted(() -> assertThat(received.closed).containsExactly(SourceClosed.SUPERSEDED));
  }
}
