package org.linescribe.app.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testcalls.SipCaller;

/**
 * Lines and sources that talk to a fleet for a while, and readers of all their sessions. Thread:
 * one begins and ends it.
 */
final class FleetLoad implements AutoCloseable {
  private final Fleet fleet;
  private final String name;
  private final Seen seen = new Seen();
  private final SipCaller caller;
  private final List<SipLine> lines = new ArrayList<>();
  private final List<FleetSource> sources = new ArrayList<>();
  private final List<FleetReader> readers = new ArrayList<>();
  private final AtomicInteger refusedSockets = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> running = new ArrayList<>();
  private final long startNs = System.nanoTime();

  /**
   * Begins; each of them at its own moment within a second.
   *
   * @param name beginning of every session's id
   * @param seconds after which nothing new begins
   */
  FleetLoad(
      Fleet fleet,
      String name,
      int calls,
      int sockets,
      List<FleetAudio> recordings,
      long seconds,
      long seed)
      throws Exception {
    this.fleet = fleet;
    this.name = name;
    Random random = new Random(seed);
    long untilNs = startNs + TimeUnit.SECONDS.toNanos(seconds);
    caller = new SipCaller(fleet.sipUri(), G711Law.PCMU);
    for (int i = 0; i < Math.max(calls, sockets); i++) {
      if (i < calls) {
        SipLine line =
            new SipLine(
                fleet,
                caller,
                name + "-line" + i,
                recordings,
                new Random(random.nextLong()),
                seen,
                untilNs);
        lines.add(line);
        running.add(threads.submit(line));
      }
      if (i < sockets) {
        FleetSource source =
            new FleetSource(
                fleet,
                name + "-socket" + i,
                i,
                recordings,
                new Random(random.nextLong()),
                seen,
                untilNs,
                refusedSockets);
        sources.add(source);
        readers.add(new FleetReader(fleet, source.sessionId(), i + 1, seen, false));
        running.add(threads.submit(source));
      }
      TimeUnit.MILLISECONDS.sleep(1000 / Math.max(calls, sockets));
    }
  }

  /** Waits until every line has hung up and every source has closed. */
  void awaitEnd() throws Exception {
    for (Future<?> one : running) {
      one.get(5, TimeUnit.MINUTES);
    }
  }

  String name() {
    return name;
  }

  long startNs() {
    return startNs;
  }

  Fleet fleet() {
    return fleet;
  }

  Seen seen() {
    return seen;
  }

  List<SipLine.Call> calls() {
    return lines.stream().flatMap(line -> line.calls().stream()).toList();
  }

  List<String> failedCalls() {
    return lines.stream().flatMap(line -> line.failures().stream()).toList();
  }

  List<FleetSource> sources() {
    return sources;
  }

  int refusedSockets() {
    return refusedSockets.get();
  }

  List<FleetReader> readers() {
    List<FleetReader> all = new ArrayList<>(readers);
    calls().forEach(call -> all.add(call.reader()));
    return all;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    readers().forEach(FleetReader::close);
    threads.close();
    readers().forEach(FleetReader::close);
    caller.close();
  }
}
