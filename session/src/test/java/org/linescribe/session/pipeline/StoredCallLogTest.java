package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallRecord;

class StoredCallLogTest {
  private static final SessionId ONE = new SessionId("one");

  @TempDir private Path data;

  private static CallRecord ended() {
    Instant start = Instant.parse("2026-01-20T10:30:00Z");
    return new CallRecord(
        ONE,
        "call-1",
        "sip",
        Optional.empty(),
        "sip:a@x",
        "sip:b@y",
        "udp",
        start,
        Optional.of(start),
        Optional.empty(),
        start.plusSeconds(30),
        "bye",
        List.of());
  }

  @Test
  void tellsOfARecordBeforeItIsKept() {
    try (EmbeddedPipeline pipeline = new EmbeddedPipeline(data)) {
      CallLog log = pipeline.sessions.callLog();
      List<CallRecord> told = new ArrayList<>();
      List<Optional<CallRecord>> keptThen = new ArrayList<>();
      log.onKeep(
          record -> {
            told.add(record);
            keptThen.add(log.newest(ONE));
          });

      log.keep(ended());

      assertThat(told).containsExactly(ended());
      assertThat(keptThen).containsExactly(Optional.empty());
      assertThat(log.newest(ONE)).contains(ended());
    }
  }

  @Test
  void keepsARecordThatNobodyCanBeToldOf() {
    try (EmbeddedPipeline pipeline = new EmbeddedPipeline(data)) {
      CallLog log = pipeline.sessions.callLog();
      log.onKeep(
          _ -> {
            throw new IOException("no space left on device");
          });

      log.keep(ended());

      assertThat(log.newest(ONE)).contains(ended());
    }
  }
}
