package org.linescribe.session.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.session.StoreUnavailableException;

/** An erasure that fails half-way. */
class SessionErasureTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path directory;

  @Test
  void oneThatFailsKeepsNoOtherFromIt() throws Exception {
    SessionErasure erasure =
        new SessionErasure(
            (sessionId, unended) -> OptionalLong.empty(),
            List.of(),
            directory.resolve("erasures.log"),
            Clock.systemUTC());
    List<SessionId> erased = new ArrayList<>();
    erasure.onErasure(
        _ -> {
          throw new StoreUnavailableException("Redis is away, as the test asked");
        });
    erasure.onErasure(erased::add);

    assertThatThrownBy(() -> erasure.erase(ID, true)).isInstanceOf(StoreUnavailableException.class);

    assertThat(erased).containsExactly(ID);
  }

  @Test
  void notesWhatItDeletedThoughTheRestFails() throws Exception {
    Path log = directory.resolve("erasures.log");
    Queue<OptionalLong> segments =
        new ArrayDeque<>(List.of(OptionalLong.of(3), OptionalLong.empty(), OptionalLong.empty()));
    SessionErasure erasure =
        new SessionErasure(
            (sessionId, unended) -> segments.remove(), List.of(), log, Clock.systemUTC());
    AtomicInteger asked = new AtomicInteger();
    erasure.onErasure(
        id -> {
          if (asked.incrementAndGet() == 1) {
            throw new UncheckedIOException(new NoSuchFileException("as the test asked"));
          }
          return asked.get() == 2;
        });

    assertThatThrownBy(() -> erasure.erase(ID, true)).isInstanceOf(UncheckedIOException.class);
    assertThat(erasure.erase(ID, true))
        .as("the store has nothing any more, and the holder has")
        .contains(new SessionErasure.Erased(0, 0));
    assertThat(erasure.erase(ID, true)).as("nothing is left").isEmpty();

    assertThat(asked).hasValue(3);
    assertThat(Files.readAllLines(log))
        .satisfiesExactly(
            line -> assertThat(line).contains("\"segments\":3"),
            line -> assertThat(line).contains("\"segments\":0"));
  }
}
