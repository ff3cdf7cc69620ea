package org.linescribe.session.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.AnnouncementTimes;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.calls.QualitySample;

class CallRecordJsonTest {
  private static final Instant AT = Instant.parse("2026-03-01T10:00:00.123456Z");

  private static CallRecord record(Optional<String> trunk, Optional<Instant> answeredAt) {
    return new CallRecord(
        new SessionId("one"),
        "call@host",
        "siprec",
        trunk,
        "sip:ä@x",
        "sip:b@x",
        "tcp",
        AT,
        answeredAt,
        answeredAt.map(at -> new AnnouncementTimes(at, trunk.map(_ -> at.plusSeconds(3)))),
        AT.plusSeconds(9),
        "bye",
        List.of(
            new LegQuality("1", "pcmu", 10, 1, 2, 3, 4.5, 0)
                .with(List.of(new QualitySample(5000, 0, 1.5), new QualitySample(10_000, 12.5, 2))),
            new LegQuality("2", "", 0, 0, 0, 0, 0, 0)));
  }

  @Test
  void theOutboxReadsWhatItWrote() {
    for (CallRecord call :
        List.of(
            record(Optional.of("carrier"), Optional.of(AT)),
            record(Optional.empty(), Optional.empty()))) {
      String json = StoredJson.write(CallRecordJson.record(call));
      assertThat(StoredJson.read(json, CallRecordJson::recordOf)).isEqualTo(call);
    }
  }

  @Test
  void lossCountsWhatBroughtNoAudio() {
    assertThat(new LegQuality("1", "pcmu", 98, 2, 0, 0, 0, 0).lossPercent()).isEqualTo(2);
    assertThat(new LegQuality("1", "pcmu", 100, 5, 5, 0, 0, 0).lossPercent()).isEqualTo(5);
    assertThat(new LegQuality("1", "pcmu", 100, 0, 0, 50, 0, 0).lossPercent()).isZero();
    assertThat(new LegQuality("1", "pcmu", 0, 0, 0, 0, 0, 0).lossPercent()).isZero();
    assertThat(new LegQuality("1", "pcmu", 1, 2, 1, 0, 0, 0).lossPercent()).isEqualTo(100);
    assertThat(new LegQuality("1", "pcmu", 100, 0, 0, 0, 1, 0).mos()).isBetween(4.3, 4.5);
    assertThat(new LegQuality("1", "pcmu", 90, 10, 0, 0, 1, 0).mos()).isLessThan(2);
  }
}
