package org.linescribe.testcalls;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.linescribe.media.g711.G711Law;

/**
 * Places recorded calls and follows their transcripts.
 *
 * <p>A call is answered, its transcript subscribed to, its audio played, hung up, and the rest of
 * the transcript awaited. Thread: any; each call runs on its own virtual thread. Owns its HTTP
 * client; borrows the caller.
 */
public final class CallPlacer implements AutoCloseable {
  private final HttpClient client = HttpClient.newHttpClient();
  private final FrameClock clock = FrameClock.system();
  private final Caller caller;
  private final G711Law law;
  private final Function<String, URI> subscription;
  private final Map<String, String> headers;
  private final Duration settle;

  /**
   * @param subscription the address to subscribe at, by session id
   * @param headers further headers of the subscription's handshake
   * @param settle how long after the call the transcript may be quiet before it counts as whole,
   *     where its end is not told
   */
  public CallPlacer(
      Caller caller,
      G711Law law,
      Function<String, URI> subscription,
      Map<String, String> headers,
      Duration settle) {
    this.caller = caller;
    this.law = law;
    this.subscription = subscription;
    this.headers = Map.copyOf(headers);
    this.settle = settle;
  }

  /**
   * A call to place.
   *
   * @param mayExist whether the session may have a transcript already: what is replayed of it is
   *     then not measured
   */
  public record Plan(RecordedCall recording, String sessionId, boolean mayExist) {}

  /**
   * Places one call and waits for its transcript.
   *
   * @throws IOException the recording cannot be read
   * @throws InterruptedException the call was hung up because this thread was interrupted
   */
  public CallReport place(Plan plan, CallDisplay display) throws IOException, InterruptedException {
    return place(plan, CallAudio.read(plan.recording().file(), law), display);
  }

  private CallReport place(Plan plan, CallAudio audio, CallDisplay display)
      throws InterruptedException {
    String sessionId = plan.sessionId();
    String name = plan.recording().name();
    try (OpenCall call = caller.open(sessionId)) {
      sessionId = call.sessionId();
      display.answered(name, sessionId, clock.nowNs());
      try (TranscriptFollower follower =
          TranscriptFollower.follow(
              client, subscription.apply(sessionId), headers, 1, clock, display::heard)) {
        HeardTranscript heard = follower.transcript();
        if (plan.mayExist()) {
          heard.awaitReplay(clock);
        }
        heard.ownCallBegins();
        String failure = null;
        SentAudio sent = new SentAudio(0);
        try {
          sent = call.play(audio, clock);
        } catch (CallFailedException e) {
          failure = e.getMessage();
        }
        display.played();
        call.hangUp();
        call.throwIfRefused();
        heard.awaitEnd(settle.toNanos(), clock);
        return CallReport.of(plan.recording(), sessionId, audio, sent, heard, failure);
      }
    } catch (CallFailedException e) {
      return CallReport.notPlaced(name, sessionId, e);
    }
  }

  /**
   * Places many calls, at most {@code concurrency} at once, at most {@code perSecond} new ones in a
   * second.
   *
   * @param perSecond infinity: no limit
   * @return the reports in the order of the plans
   * @throws IOException a recording cannot be read; no call is placed then
   * @throws InterruptedException this thread was interrupted; all calls have been hung up
   */
  public List<CallReport> placeAll(
      List<Plan> plans, int concurrency, double perSecond, Function<Plan, CallDisplay> displays)
      throws IOException, InterruptedException {
    List<CallAudio> audios = new ArrayList<>();
    for (Plan plan : plans) {
      int same = firstWith(plan.recording(), plans);
      audios.add(
          same < audios.size() ? audios.get(same) : CallAudio.read(plan.recording().file(), law));
    }
    Semaphore places = new Semaphore(concurrency);
    List<Future<CallReport>> running = new ArrayList<>();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      long startNs = clock.nowNs();
      for (int i = 0; i < plans.size(); i++) {
        Plan plan = plans.get(i);
        CallAudio audio = audios.get(i);
        clock.await(startNs + (long) (i * 1e9 / perSecond));
        places.acquire();
        running.add(
            threads.submit(
                () -> {
                  try {
                    CallDisplay display = displays.apply(plan);
                    CallReport report = place(plan, audio, display);
                    display.ended(report);
                    return report;
                  } finally {
                    places.release();
                  }
                }));
      }
      List<CallReport> reports = new ArrayList<>();
      for (Future<CallReport> call : running) {
        reports.add(call.get());
      }
      return reports;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
      threads.close();
    }
  }

  private static int firstWith(RecordedCall recording, List<Plan> plans) {
    int index = 0;
    while (!plans.get(index).recording().equals(recording)) {
      index++;
    }
    return index;
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
