package org.linescribe.testcalls.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.CallDisplay;
import org.linescribe.testcalls.CallPlacer;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.FrameClock;
import org.linescribe.testcalls.Percentiles;
import org.linescribe.testcalls.ReceivedEvent;
import org.linescribe.testcalls.RecordedCall;

/**
 * Runs one schedule. Thread: one; each call has its own virtual thread, and one more watches the
 * gateway.
 */
final class Stage {
  private static final long TICK_NS = 1_000_000_000L;

  /**
   * What a line says, and by which way.
   *
   * @param placer shared by many
   * @param audio of each recording, in the placer's law
   */
  record Way(CallPlacer placer, List<CallAudio> audio) {}

  private final List<RecordedCall> recordings;
  private final List<Way> ways;
  private final @Nullable GatewayUsage gateway;
  private final double restMiB;
  private final FrameClock clock = FrameClock.system();

  /**
   * @param ways of the lines, in turn
   * @param restMiB the gateway's memory before any call
   */
  Stage(
      List<RecordedCall> recordings,
      List<Way> ways,
      @Nullable GatewayUsage gateway,
      double restMiB) {
    this.recordings = List.copyOf(recordings);
    this.ways = List.copyOf(ways);
    this.gateway = gateway;
    this.restMiB = restMiB;
  }

  /**
   * Returns when the measured calls have ended, or when this thread is interrupted: all calls are
   * hung up then, the result says so, and the interrupt is consumed.
   *
   * @param progress gets a line each second
   */
  StageResult run(int calls, Schedule schedule, Consumer<String> progress) {
    List<Placed> placed = new ArrayList<>();
    long startNs = clock.nowNs();
    Watch watch = new Watch(schedule, startNs, placed, progress);
    boolean interrupted = false;
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      threads.execute(watch);
      for (Schedule.Call call : schedule.calls()) {
        clock.await(startNs + call.dueNs());
        Placed next = new Placed(call, startNs + call.dueNs());
        synchronized (placed) {
          placed.add(next);
        }
        next.report = threads.submit(() -> place(call, next));
        if (call.dueNs() >= schedule.holdEndNs() && allEnded(placed)) {
          break;
        }
      }
      for (Placed call : placed) {
        if (call.plan.measured()) {
          call.await();
        }
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      // What only kept the load up is hung up.
      threads.shutdownNow();
      threads.close();
    }
    interrupted |= Thread.interrupted();
    long endNs = clock.nowNs();
    List<Placed> ended =
        placed.stream()
            .filter(call -> call.plan.measured() && call.reportIfEnded() != null)
            .toList();
    return new StageResult(
        calls,
        meanCalls(
            placed, startNs + schedule.rampNs(), Math.min(endNs, startNs + schedule.holdEndNs())),
        ended.stream().map(Placed::reportIfEnded).toList(),
        Percentiles.of(
            ended.stream()
                .filter(call -> call.answeredNs != 0)
                .mapToDouble(call -> (call.answeredNs - call.dueNs) / 1e6)
                .toArray()),
        watch.usage(),
        loadAverage(),
        interrupted);
  }

  private CallReport place(Schedule.Call call, Placed placed) throws InterruptedException {
    Way way = ways.get(call.line() % ways.size());
    RecordedCall recording = recordings.get(call.recording());
    try {
      return way.placer()
          .place(
              new CallPlacer.Plan(recording, CallPlacer.newSessionId(), false),
              way.audio().get(call.recording()),
              placed);
    } finally {
      placed.played();
    }
  }

  private static boolean allEnded(List<Placed> placed) {
    return placed.stream().allMatch(call -> !call.plan.measured() || call.reportIfEnded() != null);
  }

  private static double meanCalls(List<Placed> placed, long fromNs, long toNs) {
    double onNs = 0;
    for (Placed call : placed) {
      if (call.answeredNs != 0) {
        long untilNs = call.playedNs == 0 ? toNs : Math.min(toNs, call.playedNs);
        onNs += Math.max(0, untilNs - Math.max(fromNs, call.answeredNs));
      }
    }
    return toNs <= fromNs ? 0 : onNs / (toNs - fromNs);
  }

  /** Of the machine over the last minute, others' work included; empty where it is not told. */
  private static String loadAverage() {
    try {
      return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
    } catch (IOException e) {
      return "";
    }
  }

  /** A call on its way. Thread: fields are written by the call's. */
  private final class Placed implements CallDisplay {
    private final Schedule.Call plan;
    private final long dueNs;
    private volatile @Nullable Future<CallReport> report;
    private volatile long answeredNs;
    private volatile long playedNs;

    private Placed(Schedule.Call plan, long dueNs) {
      this.plan = plan;
      this.dueNs = dueNs;
    }

    @Override
    public void answered(String file, String sessionId, long nowNs) {
      answeredNs = nowNs;
    }

    @Override
    public void received(ReceivedEvent event) {}

    @Override
    public void played() {
      if (playedNs == 0) {
        playedNs = clock.nowNs();
      }
    }

    @Override
    public void ended(CallReport ended) {}

    private boolean isOn() {
      return answeredNs != 0 && playedNs == 0;
    }

    private void await() throws InterruptedException {
      Future<CallReport> going = report;
      try {
        if (going != null) {
          going.get();
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }

    private @Nullable CallReport reportIfEnded() {
      Future<CallReport> going = report;
      return going != null && going.state() == Future.State.SUCCESS ? going.resultNow() : null;
    }
  }

  /** Reads the gateway's processor time over the hold and its memory, and tells the progress. */
  private final class Watch implements Runnable {
    private final long startNs;
    private final long fromNs;
    private final long toNs;
    private final List<Placed> placed;
    private final Consumer<String> progress;
    private double beginSeconds;
    private double seconds;
    private long holdBeginNs;
    private long holdNs;
    private double mostMiB;
    private boolean begun;
    private boolean gone;

    private Watch(Schedule schedule, long startNs, List<Placed> placed, Consumer<String> progress) {
      this.startNs = startNs;
      this.placed = placed;
      this.progress = progress;
      this.fromNs = startNs + schedule.rampNs();
      this.toNs = startNs + schedule.holdEndNs();
      read();
    }

    @Override
    public void run() {
      try {
        for (long tickNs = startNs + TICK_NS; ; tickNs += TICK_NS) {
          long nowNs = clock.nowNs();
          // Stops at the hold's begin and end, whatever the ticks.
          long stopNs = nowNs < fromNs ? fromNs : nowNs < toNs ? toNs : Long.MAX_VALUE;
          clock.await(Math.min(tickNs, stopNs));
          read();
          tell();
        }
      } catch (InterruptedException e) {
        // The stage is over.
      }
    }

    /** Later readings are compared with the one at the hold's begin, or the last before it. */
    private synchronized void read() {
      long nowNs = clock.nowNs();
      if (gateway == null || gone || holdBeginNs + holdNs >= toNs) {
        return;
      }
      try {
        mostMiB = Math.max(mostMiB, gateway.residentMiB());
        double nowSeconds = gateway.cpuSeconds();
        if (!begun || holdBeginNs < fromNs && nowNs < fromNs + TICK_NS) {
          begun = true;
          beginSeconds = nowSeconds;
          holdBeginNs = nowNs;
        } else {
          seconds = nowSeconds - beginSeconds;
          holdNs = nowNs - holdBeginNs;
        }
      } catch (IOException e) {
        gone = true;
      }
    }

    private void tell() {
      int on = 0;
      int ended = 0;
      int all;
      synchronized (placed) {
        all = placed.size();
        for (Placed call : placed) {
          on += call.isOn() ? 1 : 0;
          ended += call.reportIfEnded() != null ? 1 : 0;
        }
      }
      progress.accept(
          "%4d s: %d calls on, %d placed, %d ended"
              .formatted((clock.nowNs() - startNs) / TICK_NS, on, all, ended));
    }

    private synchronized StageResult.@Nullable Usage usage() {
      read();
      return gateway == null || gone || holdNs == 0
          ? null
          : new StageResult.Usage(seconds / (holdNs / 1e9), restMiB, mostMiB);
    }
  }
}
