package org.linescribe.bench.asr;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.media.resources.ResourceFiles;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.SqlStoreSettings;

/**
 * How long results take beyond decoding: {@code BeyondDecoding CALLS SECONDS RECORDINGS [JDBC-URL
 * USER PASSWORD]}, with the model of digits; without a URL the embedded store.
 *
 * <p>Calls in real time, each beginning at another moment. Their packets of 20 ms are written as
 * the media loops do it: every {@value #POLL_MS} ms, all that have come. A partial counts from the
 * moment at which the last packet came that its chunk needs to its reader, less the native call
 * that decoded it; a final from the endpoint's decision to its reader. RTP and the reader's socket
 * are not in it; the first {@value #WARM_UP_S} s are not counted.
 */
public final class BeyondDecoding {
  private static final int POLL_MS = 10;
  private static final int WARM_UP_S = 20;
  private static final int RATE_HZ = 8000;
  private static final int PACKET = RATE_HZ / 50;
  private static final long PACKET_NS = 20_000_000;

  private final Tape tape;
  private final TimedRecogniser recogniser;
  private final SessionPipeline sessions;
  private final ConcurrentLinkedQueue<long[]> partials = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Long> finals = new ConcurrentLinkedQueue<>();
  private long countsFromNs;

  private BeyondDecoding(Tape tape, TimedRecogniser recogniser, SessionPipeline sessions) {
    this.tape = tape;
    this.recogniser = recogniser;
    this.sessions = sessions;
  }

  public static void main(String[] args) throws Exception {
    Tape tape =
        Tape.of(Path.of(args[2]), Integer.parseInt(args[0]), Integer.parseInt(args[1]) + WARM_UP_S);
    Path data = Files.createTempDirectory("linescribe-bench");
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    boolean embedded = args.length == 3;
    SegmentStore store =
        embedded
            ? SqlSegmentStore.embedded(SessionStores.embeddedDirectory(data))
            : SqlSegmentStore.connect(SqlStoreSettings.of(args[3], args[4], args[5]));
    try (TimedRecogniser recogniser =
            new TimedRecogniser(
                new ModelSource.Named(BundledModel.NAME, data),
                SchedulerSettings.defaults(),
                meters);
        SessionPipeline sessions =
            SessionPipeline.builder()
                .recogniser("bench", recogniser)
                .settings(SessionSettings.defaults())
                .stores(
                    SessionStores.of(
                        store, data, embedded, Optional.empty(), Duration.ofSeconds(60), meters))
                .meters(meters)
                .build()) {
      new BeyondDecoding(tape, recogniser, sessions).measure();
      System.out.printf(
          Locale.ROOT,
          "batches of %.1f; %.0f finals went to the outbox%n",
          meters.get("linescribe.asr.batch.size").summary().mean(),
          meters.get("linescribe.session.outbox.spilled").counter().count());
    } finally {
      ResourceFiles.deleteTree(data);
    }
    System.exit(0);
  }

  /** A call: its source, when its first packet comes, and what its recogniser did. */
  private record Call(SessionSource source, long firstNs, TimedRecogniser.Times times) {
    /** When the packet comes whose audio ends at or behind a place. */
    long cameNs(long ms) {
      return firstNs + Math.ceilDiv(ms, 20) * PACKET_NS;
    }
  }

  private void measure() throws Exception {
    List<Call> calls = new ArrayList<>();
    Random random = new Random(7);
    long startNs = System.nanoTime() + 500_000_000L + 5_000_000L * tape.streams();
    countsFromNs = startNs + WARM_UP_S * 1_000_000_000L;
    for (int i = 0; i < tape.streams(); i++) {
      calls.add(open(startNs + random.nextLong(1_000_000_000L)));
    }
    List<Thread> loops = new ArrayList<>();
    for (int loop = 0; loop < 2; loop++) {
      int own = loop;
      loops.add(Thread.ofPlatform().start(() -> play(calls, own, startNs)));
    }
    for (Thread loop : loops) {
      loop.join();
    }
    CompletableFuture.allOf(
            calls.stream()
                .map(call -> call.source().end("end").toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new))
        .get();
    print();
  }

  private Call open(long firstNs) throws Exception {
    TimedRecogniser.Times times = new TimedRecogniser.Times();
    recogniser.next = times;
    SessionSource source =
        sessions.open(
            new SourceRequest(
                sessions.newSessionId(),
                "bench",
                Optional.empty(),
                List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, RATE_HZ)),
                RecognitionRequest.DEFAULT,
                Map.of()),
            new SourceListener() {
              @Override
              public void onEvent(TranscriptEvent event) {}

              @Override
              public void onClosed(SourceClosed reason) {
                System.err.println("a source was closed: " + reason);
              }
            });
    Call call = new Call(source, firstNs, times);
    sessions.subscribe(
        source.sessionId(),
        1,
        new TranscriptReader() {
          @Override
          public void onEvent(TranscriptEvent event) {
            read(call, event, System.nanoTime());
          }

          @Override
          public void onFailure(Exception failure) {
            System.err.println(failure);
          }
        });
    return call;
  }

  private void read(Call call, TranscriptEvent event, long nowNs) {
    if (nowNs < countsFromNs) {
      return;
    }
    switch (event) {
      case TranscriptEvent.Partial partial -> {
        TimedRecogniser.Decode decode = call.times().hypotheses.get(partial.endMs());
        if (decode != null && !partial.text().isEmpty()) {
          long cameNs = call.cameNs(partial.endMs() + recogniser.lookAheadMs());
          partials.add(
              new long[] {
                nowNs - cameNs - decode.ns(),
                decode.startNs() - cameNs,
                decode.ns(),
                nowNs - decode.endNs()
              });
        }
      }
      case TranscriptEvent.Final told -> {
        Long decidedNs = call.times().endpoints.get(told.segment().endMs());
        if (decidedNs != null) {
          finals.add(nowNs - decidedNs);
        }
      }
      case TranscriptEvent.Dtmf _, TranscriptEvent.Ended _ -> {}
    }
  }

  /** Writes every second call's packets, those that have come since it looked last. */
  private void play(List<Call> calls, int first, long startNs) {
    int[] written = new int[calls.size()];
    long endNs = startNs + (tape.frames() - 100) * PACKET_NS;
    for (long dueNs = startNs; dueNs < endNs; dueNs += POLL_MS * 1_000_000L) {
      while (System.nanoTime() < dueNs) {
        LockSupport.parkNanos(dueNs - System.nanoTime());
      }
      long nowNs = System.nanoTime();
      for (int i = first; i < calls.size(); i += 2) {
        Call call = calls.get(i);
        while (call.firstNs() + (written[i] + 1) * PACKET_NS <= nowNs) {
          int at = tape.at(i, written[i], RATE_HZ);
          if (call.source().write(0, tape.pcm8k(), at, PACKET) < PACKET) {
            System.err.println("audio was refused");
          }
          written[i]++;
        }
      }
    }
  }

  private void print() {
    String[] names = {
      "last packet to partial, beyond decoding",
      "  of it until decoding begins",
      "  (decoding)",
      "  of it from decoding to the reader"
    };
    for (int i = 0; i < names.length; i++) {
      int part = i;
      print(names[i], partials.stream().mapToLong(times -> times[part]).toArray());
    }
    print("endpoint to final", finals.stream().mapToLong(Long::longValue).toArray());
  }

  private static void print(String what, long[] ns) {
    Arrays.sort(ns);
    System.out.printf(
        Locale.ROOT,
        "%-42s %6d: p50 %.2f, p95 %.2f, p99 %.2f, most %.2f ms%n",
        what,
        ns.length,
        at(ns, 0.5),
        at(ns, 0.95),
        at(ns, 0.99),
        at(ns, 1));
  }

  private static double at(long[] sorted, double share) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))] / 1e6;
  }
}
