package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.Sessions;
import org.linescribe.testcalls.CallFailedException;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.OpenCall;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testcalls.WebSocketCaller;

/** Beyond a limit new calls are refused, and those that are in lose nothing by it. */
final class FullCapacityTest {
  private static final int LIMIT = 3;
  private static final int KNOCKS = 20;

  @TempDir Path data;

  @ParameterizedTest
  @ValueSource(strings = {"linescribe.call.max-calls", "linescribe.session.max-sources"})
  void aCallBeyondTheLimitIsRefusedAndTheOthersAreWhole(String limit) throws Exception {
    List<RecordedCall> calls = TestGateway.humanCalls().subList(0, LIMIT);
    int alone = RecogniserAlone.mostErrors(calls, G711Law.PCMU);
    String[] settings = Arrays.copyOf(TestGateway.UNHURRIED, TestGateway.UNHURRIED.length + 1);
    settings[settings.length - 1] = "--" + limit + "=" + LIMIT;
    try (TestGateway gateway = new TestGateway(data, settings);
        SipCaller caller = new SipCaller(gateway.sipUri(), G711Law.PCMU);
        ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<CallReport>> admitted =
          background.submit(() -> gateway.place(caller, G711Law.PCMU, calls));
      await().until(() -> gateway.part(Sessions.class).openSources() == LIMIT);

      int refused = 0;
      for (CallFailedException refusal = refusal(caller, gateway);
          refusal != null && refused < KNOCKS;
          refusal = refusal(caller, gateway)) {
        assertRefused(refusal);
        refused++;
      }
      assertThat(refused).isPositive();

      assertWhole(admitted.get(), alone + gateway.spoiltPackets());
      await().until(() -> activeCalls(gateway) == 0);
      OpenCall place = caller.open("again-" + UUID.randomUUID());
      place.hangUp();
    }
  }

  private static double activeCalls(TestGateway gateway) {
    return gateway.part(MeterRegistry.class).get("linescribe.call.active").gauge().value();
  }

  @Test
  void aGatewayWhoseRecogniserFallsBehindRefusesCallsAndFinishesThoseItHas() throws Exception {
    List<RecordedCall> calls = TestGateway.humanCalls().subList(0, 2);
    try (TestGateway gateway =
            new TestGateway(
                data,
                "--linescribe.asr.saturation-backlog=200ms",
                "--linescribe.asr.queue-bound=60s",
                "--linescribe.asr.decode-threads=1",
                "--linescribe.session.flush-time=60s");
        SipCaller caller = new SipCaller(gateway.sipUri(), G711Law.PCMU);
        WebSocketCaller hasty =
            new WebSocketCaller("ws://" + gateway.http(), G711Law.PCMU, false, Map.of());
        ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<CallReport>> admitted =
          background.submit(() -> gateway.place(caller, G711Law.PCMU, calls));
      await().until(() -> activeCalls(gateway) == 2);

      AtomicBoolean refused = new AtomicBoolean();
      Future<?> flood = background.submit(() -> flood(gateway, hasty, refused));
      CallFailedException refusal =
          await().until(() -> refusal(caller), java.util.Objects::nonNull);
      refused.set(true);

      assertRefused(refusal);
      flood.get();
      assertThat(admitted.get())
          .allMatch(r -> r.outcome() == CallReport.Outcome.TRANSCRIBED, "transcribed");
      // What came was taken, all of it. (Words are not counted: the flood starves this JVM, and the
      // callers in it keep no pace.)
      MeterRegistry meters = gateway.part(MeterRegistry.class);
      assertThat(meters.counter("linescribe.call.audio.refused.samples").count()).isZero();
    }
  }

  /** Recordings as fast as they are taken, until a call was refused. */
  private static Void flood(TestGateway gateway, WebSocketCaller hasty, AtomicBoolean refused)
      throws Exception {
    List<RecordedCall> many =
        Collections.nCopies(2, TestGateway.humanCalls()).stream().flatMap(List::stream).toList();
    while (!refused.get()) {
      gateway.place(hasty, G711Law.PCMU, many);
    }
    return null;
  }

  /**
   * Null when the call was taken, which needs a place that another has left: a machine that others
   * load may take longer to knock than those calls last.
   */
  private static CallFailedException refusal(SipCaller caller, TestGateway gateway)
      throws InterruptedException {
    try (OpenCall taken = caller.open("knock-" + UUID.randomUUID())) {
      assertThat(gateway.part(Sessions.class).openSources()).isLessThanOrEqualTo(LIMIT);
      assertThat(taken.sessionId()).startsWith("knock-");
      return null;
    } catch (CallFailedException refused) {
      return refused;
    }
  }

  /** Null when the call was taken; it is hung up then. */
  private static CallFailedException refusal(SipCaller caller) throws InterruptedException {
    try (OpenCall taken = caller.open("knock-" + UUID.randomUUID())) {
      assertThat(taken.sessionId()).startsWith("knock-");
      return null;
    } catch (CallFailedException refused) {
      return refused;
    }
  }

  private static void assertRefused(CallFailedException refusal) {
    assertThat(refusal).isNotNull();
    assertThat(refusal.status()).as(refusal.getMessage()).isEqualTo(503);
    assertThat(refusal.retryAfterS()).hasValueSatisfying(s -> assertThat(s).isPositive());
  }

  private static void assertWhole(List<CallReport> reports, int mostErrors) {
    assertThat(reports)
        .as("%s", reports)
        .allMatch(r -> r.outcome() == CallReport.Outcome.TRANSCRIBED);
    assertThat(reports.stream().mapToInt(r -> r.wordErrors().errors()).sum())
        .isLessThanOrEqualTo(mostErrors);
  }
}
