package org.linescribe.testcalls;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.linescribe.media.g711.G711Law;

/**
 * Places recorded calls and follows their transcripts.
 *
 * <p>Per call: open it, subscribe to its transcript, play the audio, hang up, await the rest of the
 * transcript. Thread: any; each call runs on its own virtual thread. Owns its HTTP client; borrows
 * the caller.
 */
public final class CallPlacer implements AutoCloseable {
  private final HttpClient client;
  private final FrameClock clock = FrameClock.system();
  private final Caller caller;
  private final G711Law law;
  private final Function<String, URI> subscription;
  private final Map<String, String> headers;
  private final Duration settle;
  private final int endpointMs;

  /**
   * Of a gateway that ends utterances after its default silence.
   *
   * @param subscription subscription address by session id
   * @param headers further headers of the subscription's handshake
   * @param settle without an end event, the transcript is complete after this long without an event
   */
  public CallPlacer(
      Caller caller,
      G711Law law,
      Function<String, URI> subscription,
      Map<String, String> headers,
      Duration settle) {
    this(caller, law, subscription, headers, settle, FinalLatencies.ENDPOINT_MS);
  }

  /**
   * @param endpointMs silence after which the gateway takes speech for ended, by which it is told
   *     whether a final came within speech
   */
  public CallPlacer(
      Caller caller,
      G711Law law,
      Function<String, URI> subscription,
      Map<String, String> headers,
      Duration settle,
      int endpointMs) {
    this(caller, law, subscription, headers, settle, endpointMs, HttpClient.newHttpClient());
  }

  /**
   * Of a gateway that this client trusts.
   *
   * @param client takes ownership
   */
  public CallPlacer(
      Caller caller,
      G711Law law,
      Function<String, URI> subscription,
      Map<String, String> headers,
      Duration settle,
      HttpClient client) {
    this(caller, law, subscription, headers, settle, FinalLatencies.ENDPOINT_MS, client);
  }

  private CallPlacer(
      Caller caller,
      G711Law law,
      Function<String, URI> subscription,
      Map<String, String> headers,
      Duration settle,
      int endpointMs,
      HttpClient client) {
    this.client = client;
    this.caller = caller;
    this.law = law;
    this.subscription = subscription;
    this.headers = Map.copyOf(headers);
    this.settle = settle;
    this.endpointMs = endpointMs;
  }

  /**
   * A call to place.
   *
   * @param mayExist whether the session may have a transcript already: replayed events are then not
   *     measured
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

  /**
   * Places one call with audio that was read before.
   *
   * @param audio in the caller's law
   * @throws InterruptedException the call was hung up because this thread was interrupted
   */
  public CallReport place(Plan plan, CallAudio audio, CallDisplay display)
      throws InterruptedException {
    String sessionId = plan.sessionId();
    String name = plan.recording().name();
    long askedNs = clock.nowNs();
    try (OpenCall call = caller.open(sessionId)) {
      sessionId = call.sessionId();
      long answeredNs = clock.nowNs();
      display.answered(name, sessionId, answeredNs);
      try (TranscriptFollower follower =
          TranscriptFollower.follow(
              client, subscription.apply(sessionId), headers, 1, clock, display::received)) {
        ReceivedTranscript received = follower.transcript();
        if (plan.mayExist()) {
          received.awaitReplay(clock);
        }
        received.ownCallBegins();
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
        received.awaitEnd(settle.toNanos(), clock);
        FinalLatencies.Leads leads =
            plan.mayExist()
                ? FinalLatencies.Leads.UNKNOWN
                : switch (call) {
                  case SipCall _ -> FinalLatencies.Leads.measured(askedNs, answeredNs, sent);
                  case WebSocketCall _ -> FinalLatencies.Leads.NONE;
                };
        return CallReport.of(
            plan.recording(), sessionId, audio, sent, received, leads, endpointMs, failure);
      }
    } catch (CallFailedException e) {
      return CallReport.notPlaced(name, sessionId, e);
    }
  }

  /**
   * Places many calls, at most {@code concurrency} concurrently, at most {@code perSecond} new ones
   * per second.
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
    Semaphore permits = new Semaphore(concurrency);
    List<Future<CallReport>> running = new ArrayList<>();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      long startNs = clock.nowNs();
      for (int i = 0; i < plans.size(); i++) {
        Plan plan = plans.get(i);
        CallAudio audio = audios.get(i);
        clock.await(startNs + (long) (i * 1e9 / perSecond));
        permits.acquire();
        running.add(
            threads.submit(
                () -> {
                  try {
                    CallDisplay display = displays.apply(plan);
                    CallReport report = place(plan, audio, display);
                    display.ended(report);
                    return report;
                  } finally {
                    permits.release();
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

  /** A UUID version 7, which sorts by its time. Source: RFC 9562 §5.7. */
  public static String newSessionId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long high = System.currentTimeMillis() << 16 | 0x7000L | random.nextLong(1 << 12);
    return new UUID(high, random.nextLong() >>> 2 | Long.MIN_VALUE).toString();
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
