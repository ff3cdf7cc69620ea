package org.linescribe.app;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.linescribe.api.system.TestCall;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.resources.ResourceFiles;
import org.linescribe.media.resources.TemporaryFolder;
import org.linescribe.testcalls.CallDisplay;
import org.linescribe.testcalls.CallFailedException;
import org.linescribe.testcalls.CallPlacer;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testcalls.WordErrors;

/**
 * The call tool on this gateway, with a recording that comes with the program.
 *
 * @param tls of this gateway's HTTP
 * @param knowsDigitsOnly whether the default model does
 */
record OwnTestCall(
    Supplier<ListeningAddresses> addresses, HttpTls tls, BooleanSupplier knowsDigitsOnly)
    implements TestCall {
  /** With the next, what the API's document promises: 90 s. */
  private static final Duration AT_MOST = Duration.ofSeconds(80);

  private static final Duration HANG_UP_AT_MOST = Duration.ofSeconds(10);

  /** The gateway tells the end of the transcript: so long waits only who runs on a slow machine. */
  private static final Duration SETTLE = Duration.ofSeconds(30);

  @Override
  public Report place(Map<String, String> credentials) throws IOException, InterruptedException {
    ListeningAddresses at = addresses.get().fromHere();
    boolean speaksDigits = knowsDigitsOnly.getAsBoolean();
    String from = speaksDigits ? "/recorded/" : "/speech/";
    Path folder = TemporaryFolder.createDirectory("test-call");
    try {
      Path file =
          BundledRecordings.extract(
              folder, from, speaksDigits ? "phone-gb.wav" : "ast-dir-intro-fn.wav");
      BundledRecordings.extract(folder, from, "manifest.json");
      return place(RecordedCall.find(List.of(file), null).getFirst(), at, credentials);
    } finally {
      ResourceFiles.deleteTree(folder);
    }
  }

  private Report place(RecordedCall recording, ListeningAddresses at, Map<String, String> headers)
      throws IOException, InterruptedException {
    String id = "test-call-" + CallPlacer.newSessionId();
    String readers = (tls.isOn() ? "wss://" : "ws://") + at.http() + "/ws/subscribe/";
    ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor();
    try (SipCaller caller = new SipCaller("sip:test@" + at.sip(), G711Law.PCMU);
        CallPlacer placer =
            new CallPlacer(
                caller,
                G711Law.PCMU,
                session -> URI.create(readers + session + "?wait=true&from_seq=1"),
                headers,
                SETTLE,
                tls.ownClient())) {
      Future<CallReport> report =
          thread.submit(
              () -> placer.place(new CallPlacer.Plan(recording, id, false), CallDisplay.QUIET));
      try {
        return report(report.get(AT_MOST.toMillis(), TimeUnit.MILLISECONDS));
      } catch (TimeoutException late) {
        return failed(recording, id, "broken", "it took more than " + AT_MOST.toSeconds() + " s");
      } catch (ExecutionException broken) {
        return failed(recording, id, "broken", String.valueOf(broken.getCause().getMessage()));
      } finally {
        // Hangs up what is still on, before the caller's sockets close.
        thread.shutdownNow();
        thread.awaitTermination(HANG_UP_AT_MOST.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (CallFailedException failed) {
      return failed(recording, id, "unreachable", String.valueOf(failed.getMessage()));
    }
  }

  private static Report failed(RecordedCall recording, String id, String outcome, String why) {
    return new Report(
        recording.name(),
        id,
        outcome,
        Optional.of(why),
        "",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        0,
        0,
        0,
        0,
        0,
        0);
  }

  private static Report report(CallReport report) {
    Optional<WordErrors> words = Optional.ofNullable(report.wordErrors());
    return new Report(
        report.file(),
        report.sessionId(),
        report.outcome().name().toLowerCase(Locale.ROOT),
        Optional.ofNullable(report.failure()),
        report.text(),
        words.map(WordErrors::words),
        words.map(WordErrors::errors),
        report.firstPartialMs().stream().mapToObj(Math::round).findFirst(),
        report.finalMs().stream().map(Math::round).toList(),
        report.numbers().finals(),
        report.numbers().lost(),
        report.numbers().repeated(),
        report.numbers().outOfOrder(),
        report.framesSent(),
        report.framesLate());
  }
}
