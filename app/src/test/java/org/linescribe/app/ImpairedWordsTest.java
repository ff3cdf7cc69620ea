package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testcalls.WordErrors;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/** What a bad network costs in words; the truth of the timeline is ImpairedCallTest's. */
@NeedsTool({Tool.SIPP, Tool.PYTHON})
final class ImpairedWordsTest {
  /** One packet of twenty is gone, and with it a twentieth of the sounds. */
  private static final double LEAST_UNDERSTOOD = 0.8;

  @TempDir Path work;
  @TempDir Path data;

  @Test
  void mostWordsComeThroughLossRepetitionReorderingAndJitter() throws Exception {
    SipKit kit = new SipKit(work);
    List<RecordedCall> calls = TestGateway.humanCalls();
    int alone = RecogniserAlone.mostErrors(calls, G711Law.PCMU);
    int listen = SipKit.freeBase(2);
    try (TestGateway gateway = new TestGateway(data, TestGateway.UNHURRIED);
        SipKit.Background line =
            kit.begin(
                List.of(
                    SipKit.script("impair.py"),
                    "--listen",
                    "127.0.0.1:" + listen,
                    "--to",
                    "127.0.0.1:" + gateway.sipAddress().getPort(),
                    "--base",
                    Integer.toString(SipKit.freeBase(2 * calls.size())),
                    "--loss",
                    ".05",
                    "--dup",
                    ".02",
                    "--reorder",
                    ".02",
                    "--jitter",
                    "40",
                    "--dir",
                    "in",
                    "--seed",
                    "7"))) {
      await().until(() -> !SipKit.isFree(listen));

      WordErrors clean = errorsOfCleanCalls(gateway, calls);
      int spoilt = gateway.spoiltPackets();
      WordErrors impaired =
          errorsOfSipp(kit, gateway, new InetSocketAddress("127.0.0.1", listen), calls);

      String counts = line.end();
      System.out.printf(
          "human recordings by SIP, PCMU: %d word errors in %d words; with 5 %% loss, 2 %% doubled,"
              + " 2 %% reordered, 40 ms jitter: %d (%d substituted, %d left out, %d added); %s%n",
          clean.errors(),
          clean.words(),
          impaired.errors(),
          impaired.substitutions(),
          impaired.deletions(),
          impaired.insertions(),
          counts.strip());
      assertThat(counts).as("what the line did").doesNotContain("\"lost\": 0,");
      assertThat(clean.errors()).isLessThanOrEqualTo(alone + spoilt);
      assertThat(1 - impaired.rate()).isGreaterThan(LEAST_UNDERSTOOD);
    }
  }

  private static WordErrors errorsOfCleanCalls(TestGateway gateway, List<RecordedCall> calls)
      throws Exception {
    try (SipCaller caller = new SipCaller(gateway.sipUri(), G711Law.PCMU)) {
      List<CallReport> reports = gateway.place(caller, G711Law.PCMU, calls);
      assertThat(reports)
          .as("%s", reports)
          .allMatch(r -> r.outcome() == CallReport.Outcome.TRANSCRIBED);
      return reports.stream().map(CallReport::wordErrors).reduce(WordErrors.NONE, WordErrors::plus);
    }
  }

  /** All recordings at once, each called for by a name of its own. */
  private static WordErrors errorsOfSipp(
      SipKit kit, TestGateway gateway, InetSocketAddress line, List<RecordedCall> calls)
      throws Exception {
    List<Future<SipKit.Run>> running = new ArrayList<>();
    try (ExecutorService peers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (RecordedCall call : calls) {
        kit.record(user(call), call.file(), 1500);
        running.add(
            peers.submit(
                () ->
                    kit.call(
                        "uac_g711u", line, Map.of("TO_USER", user(call)), user(call), user(call))));
      }
    }
    for (Future<SipKit.Run> run : running) {
      assertThat(run.get().status()).as(run.get().output()).isZero();
    }
    Sessions sessions = gateway.part(Sessions.class);
    WordErrors errors = WordErrors.NONE;
    for (RecordedCall call : calls) {
      SessionRecord session =
          await().until(() -> of(call, sessions), s -> s.endReason().isPresent());
      assertThat(session.endReason()).contains("bye");
      String heard =
          sessions.segments(session.sessionId(), 1, 100).stream()
              .map(Segment::text)
              .collect(Collectors.joining(" "));
      errors = errors.plus(WordErrors.between(call.words(), heard));
    }
    return errors;
  }

  private static SessionRecord of(RecordedCall call, Sessions sessions) {
    return sessions.list(SessionQuery.all(Optional.empty(), 100)).stream()
        .filter(s -> s.attributes().getOrDefault("to", "").contains("sip:" + user(call) + "@"))
        .findFirst()
        .orElseThrow();
  }

  private static String user(RecordedCall call) {
    return call.name().replace(".wav", "");
  }
}
