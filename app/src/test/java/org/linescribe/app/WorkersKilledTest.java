package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testsupport.ChildProcesses;

/** Calls by SIP and RTP while the processes that recognise them are killed. */
final class WorkersKilledTest {
  private static final int BATCHES_BETWEEN_KILLS = 100;

  @TempDir Path data;

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void everyCallHasAllItsWordsAndNumbersWhileWorkersAreKilled(int workers) throws Exception {
    ChildProcesses children = new ChildProcesses();
    List<RecordedCall> calls = TestGateway.humanCalls();
    int alone = RecogniserAlone.mostErrors(calls, G711Law.PCMU);
    try (TestGateway gateway = new TestGateway(data, settings(workers));
        SipCaller caller = new SipCaller(gateway.sipUri(), G711Law.PCMU);
        ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<CallReport>> placed =
          background.submit(() -> gateway.place(caller, G711Law.PCMU, calls));
      while (!placed.isDone()) {
        // In the middle of what people say, again and again: a batch is 160 ms of some calls.
        long decoded = batches(gateway);
        await().until(() -> placed.isDone() || batches(gateway) > decoded + BATCHES_BETWEEN_KILLS);
        children.alive().stream().findFirst().ifPresent(ProcessHandle::destroyForcibly);
      }

      List<CallReport> reports = placed.get(1, TimeUnit.MINUTES);
      int errors = reports.stream().mapToInt(report -> report.wordErrors().errors()).sum();
      System.out.printf(
          "%d workers, %.0f killed, %.0f streams decoded again: %d word errors; the recogniser"
              + " alone, at most: %d%n",
          workers, counted(gateway, "ended"), counted(gateway, "replayed"), errors, alone);
      assertThat(reports)
          .as("%s", reports)
          .allMatch(report -> report.outcome() == CallReport.Outcome.TRANSCRIBED);
      assertThat(errors).isLessThanOrEqualTo(alone + gateway.spoiltPackets());
      assertThat(counted(gateway, "ended")).isPositive();
      assertThat(counted(gateway, "replayed")).isPositive();
    }
    await().until(() -> children.alive().isEmpty());
  }

  /** systemd's stop and Ctrl-C reach every process; the gateway still has words to recognise. */
  @Test
  void aSignalToEndLeavesTheWorkersToTheGateway() throws Exception {
    ChildProcesses children = new ChildProcesses();
    try (TestGateway gateway = new TestGateway(data, settings(1));
        SipCaller caller = new SipCaller(gateway.sipUri(), G711Law.PCMU)) {
      assertThat(children.alive()).hasSize(1).allMatch(ProcessHandle::destroy);

      List<CallReport> reports =
          gateway.place(caller, G711Law.PCMU, TestGateway.humanCalls().subList(0, 1));

      assertThat(reports).allMatch(r -> r.outcome() == CallReport.Outcome.TRANSCRIBED);
      assertThat(counted(gateway, "ended")).isZero();
    }
  }

  @Test
  void workersEndWithAGatewayThatIsKilled() throws Exception {
    try (ServeProcess serve =
        ServeProcess.startOnFreePorts(data, "--set", "linescribe.asr.workers=2")) {
      assertThat(serve.isReady()).as(serve.output()).isTrue();
      List<ProcessHandle> workers = ProcessHandle.of(serve.pid()).orElseThrow().children().toList();
      assertThat(workers).hasSize(2);

      serve.kill();

      await().until(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
    }
  }

  private static long batches(TestGateway gateway) {
    return gateway.part(MeterRegistry.class).get("linescribe.asr.batch.size").summary().count();
  }

  private static double counted(TestGateway gateway, String what) {
    return gateway
        .part(MeterRegistry.class)
        .get("linescribe.asr.workers." + what)
        .counter()
        .count();
  }

  private static String[] settings(int workers) {
    List<String> settings = new ArrayList<>(Arrays.asList(TestGateway.UNHURRIED));
    settings.add("--linescribe.asr.workers=" + workers);
    return settings.toArray(String[]::new);
  }
}
