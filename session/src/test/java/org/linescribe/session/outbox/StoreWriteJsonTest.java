package org.linescribe.session.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;
import org.linescribe.session.store.StoreWrite;

final class StoreWriteJsonTest {
  private static final SessionId ID = new SessionId("call-1");
  private static final Instant OPENED = Instant.parse("2026-03-01T10:00:00.123456Z");
  private static final Instant ENDED = Instant.parse("2026-03-01T10:01:00Z");

  @Test
  void anEndTellsWhenItsSourceOpened() {
    StoreWrite.Ended ended = new StoreWrite.Ended(ID, OPENED, ENDED, "bye");

    assertThat(StoreWriteJson.read(StoreWriteJson.write(ended))).isEqualTo(ended);
  }

  /** What a killed gateway of version 0.1.0 left is drained by a later one. */
  @Test
  void anEndOfAnEarlierVersionEndsWhateverOpenedBeforeIt() {
    String json =
        """
        {"write":"ended","session_id":"call-1","at":"2026-03-01T10:01:00Z","reason":"bye"}
        """;

    assertThat(StoreWriteJson.read(json)).isEqualTo(new StoreWrite.Ended(ID, ENDED, ENDED, "bye"));
  }
}
