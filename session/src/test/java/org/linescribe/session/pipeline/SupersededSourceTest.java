package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.linescribe.session.Patience.await;
import static org.linescribe.session.pipeline.Speaker.done;
import static org.linescribe.session.pipeline.Speaker.end;
import static org.linescribe.session.pipeline.Speaker.say;
import static org.linescribe.session.pipeline.Speaker.utter;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;

/** What a source may still do whose session another one has taken. */
class SupersededSourceTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private final LosableLease lease = new LosableLease();
  private final HeardSource heard = new HeardSource();
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
    HeardReader reader = new HeardReader();
    node.sessions.subscribe(ID, 1, reader);
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    utter(source, 1, 1);
    lease.lost = true;

    end(source);

    assertThat(node.sessions.find(ID).orElseThrow().endedAt()).isEmpty();
    assertThat(node.sessions.openSources()).isZero();
    lease.lost = false;
    SessionSource next = node.sessions.open(SourceRequest.of(ID, "test"), new HeardSource());
    utter(next, 2, 2);
    await().until(() -> reader.finalNumbers().size() == 2);
    assertThat(reader.events).noneMatch(TranscriptEvent.Ended.class::isInstance);
    end(next);
  }

  @Test
  void isNotToldOfItsCloseWhenItsDoorHasEndedIt() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    say(source, CodedSpeech.words(1));
    lease.lost = true;

    end(source);

    assertThat(heard.finals()).isEmpty();
    assertThat(heard.closed).isEmpty();
    assertThat(node.sessions.openSources()).isZero();
  }

  @Test
  void isClosedAsSupersededByTheNextWordWhenAnotherMachineHoldsItsSession() throws Exception {
    SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), heard);
    say(source, CodedSpeech.words(1));
    lease.lost = true;

    done(source.flush());

    await().until(() -> heard.closed.contains(SourceClosed.SUPERSEDED));
    assertThat(heard.finals()).isEmpty();
    assertThat(node.sessions.segments(ID, 1, 10)).isEmpty();
  }

  @Test
  void thatEndsLateLeavesTheNewestItsPlace() throws Exception {
    HeldSource held = new HeldSource();
    SessionSource stuck = node.sessions.open(SourceRequest.of(ID, "test"), held);
    say(stuck, CodedSpeech.words(1));
    await().until(() -> !held.begun.isEmpty());
    SessionSource second = node.sessions.open(SourceRequest.of(ID, "test"), new HeardSource());
    end(second);
    SessionSource newest = node.sessions.open(SourceRequest.of(ID, "test"), heard);

    held.letGo();
    done(stuck.end("bye"));

    assertThat(node.sessions.isLive(ID)).isTrue();
    SessionSource last = node.sessions.open(SourceRequest.of(ID, "test"), new HeardSource());
    await().untilAsserted(() -> assertThat(heard.closed).containsExactly(SourceClosed.SUPERSEDED));
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
    HeldSource held = new HeldSource();
    SessionSource stuck = node.sessions.open(SourceRequest.of(ID, "test"), held);
    say(stuck, CodedSpeech.words(1));
    await().until(() -> !held.begun.isEmpty());

    SessionSource successor = node.sessions.open(SourceRequest.of(ID, "test"), heard);

    assertThatThrownBy(
            () ->
                node.sessions.open(
                    SourceRequest.of(new SessionId("call-2"), "test"), new HeardSource()))
        .isInstanceOf(SessionRefusedException.class)
        .hasMessageContaining("limit of 1");
    held.letGo();
    done(stuck.end("bye"));
    end(successor);
    assertThat(node.sessions.openSources()).isZero();
  }
}
