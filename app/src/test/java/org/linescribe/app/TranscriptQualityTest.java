package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.Caller;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testcalls.WebSocketCaller;

/** What the line and the pipeline cost in words: calls against the recogniser alone. */
final class TranscriptQualityTest {
  @TempDir Path data;

  @Test
  void callsBySipAndWebSocketInBothLawsAddNoWordErrorsToTheRecognisersOwn() throws Exception {
    List<RecordedCall> calls = TestGateway.humanCalls();
    Map<G711Law, Integer> alone = new EnumMap<>(G711Law.class);
    for (G711Law law : G711Law.values()) {
      alone.put(law, RecogniserAlone.mostErrors(calls, law));
    }
    int allowed = 0;
    int made = 0;
    try (TestGateway gateway = new TestGateway(data, TestGateway.UNHURRIED)) {
      for (G711Law law : G711Law.values()) {
        try (SipCaller sip = new SipCaller(gateway.sipUri(), law);
            WebSocketCaller webSocket =
                new WebSocketCaller("ws://" + gateway.http(), law, true, Map.of())) {
          for (Caller caller : List.<Caller>of(sip, webSocket)) {
            List<CallReport> reports = gateway.place(caller, law, calls);
            assertThat(reports)
                .as("%s", reports)
                .allMatch(r -> r.outcome() == CallReport.Outcome.TRANSCRIBED);
            int errors = reports.stream().mapToInt(r -> r.wordErrors().errors()).sum();
            System.out.printf(
                "human recordings by %s, %s: %d word errors in %d words; the recogniser alone, at"
                    + " most: %d%n",
                caller == sip ? "SIP" : "WebSocket",
                law,
                errors,
                reports.stream().mapToInt(r -> r.wordErrors().words()).sum(),
                alone.get(law));
            allowed += alone.get(law);
            made += errors;
          }
        }
      }
      allowed += gateway.spoiltPackets();
    }
    assertThat(made).isLessThanOrEqualTo(allowed);
  }
}
