package org.linescribe.api.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.LineStatus;
import org.linescribe.session.calls.RegistrationStatus;
import org.linescribe.session.calls.TrunkStatus;

class CapacityTest {
  @ParameterizedTest
  @CsvSource({
    "200, 500,   0,    , 197, calls",
    "200,  50,   0,    ,  40, sources",
    "200, 500,  10,    ,   6, media-ports",
    "200, 500, 100,  12,  12, recogniser",
    "200, 500, 100, 300,  96, media-ports",
    "  2, 500, 100,    ,   0, calls",
  })
  void theTightestLimitBoundsTheCalls(
      int maxCalls, int maxSources, int pairs, Integer streams, int more, String boundBy) {
    Capacity capacity =
        Capacity.of(
            10,
            new Sessions.SourceCapacity(
                maxSources, false, streams == null ? OptionalInt.empty() : OptionalInt.of(streams)),
            new FakeLine(
                new LineStatus.LineUsage(3, maxCalls), new LineStatus.LineUsage(4, pairs)));

    assertThat(capacity.moreCalls()).hasValue(more);
    assertThat(capacity.boundBy()).hasValue(boundBy);
  }

  @Test
  void noneFitsWhileTheRecogniserIsBehind() {
    Capacity capacity =
        Capacity.of(
            1, new Sessions.SourceCapacity(500, true, OptionalInt.empty()), LineStatus.NONE);

    assertThat(capacity.moreCalls()).hasValue(0);
    assertThat(capacity.boundBy()).hasValue("recogniser");
  }

  private record FakeLine(LineStatus.LineUsage calls, LineStatus.LineUsage portPairs)
      implements LineStatus {
    @Override
    public List<RegistrationStatus> registrations() {
      return List.of();
    }

    @Override
    public List<TrunkStatus> trunks() {
      return List.of();
    }
  }
}
