package org.linescribe.app.fleet;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Breaks parts of a fleet and mends them again. Thread: one. */
final class FaultInjector {
  private final Fleet fleet;
  private final List<FleetCheck.Loss> losses = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  /** Gateways that were killed and not started again. */
  private final Set<Integer> killed = new HashSet<>();

  FaultInjector(Fleet fleet) {
    this.fleet = fleet;
  }

  private record Moment(FaultSchedule.Step step, int atMs, boolean begins) {}

  /** Runs a schedule and mends everything; returns what gateways were lost, and when. */
  List<FleetCheck.Loss> run(FaultSchedule schedule, long startNs) throws Exception {
    losses.clear();
    faults.clear();
    killed.clear();
    List<Moment> moments = new ArrayList<>();
    for (FaultSchedule.Step step : schedule.steps()) {
      moments.add(new Moment(step, step.atMs(), true));
      moments.add(new Moment(step, step.atMs() + step.lastsMs(), false));
    }
    moments.sort(Comparator.comparingInt(Moment::atMs));
    for (Moment moment : moments) {
      TimeUnit.NANOSECONDS.sleep(startNs + moment.atMs() * 1_000_000L - System.nanoTime());
      if (moment.begins()) {
        begin(moment.step());
      } else {
        end(moment.step());
      }
    }
    for (GatewayNode gateway : fleet.gateways()) {
      if (!gateway.isRunning()) {
        noteDeath(gateway);
        gateway.start();
      }
      gateway.awaitReady();
    }
    return List.copyOf(losses);
  }

  /** Gateways that died by themselves. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  private void noteDeath(GatewayNode gateway) {
    // One that found its disk full, or no database, has not started.
    if (!gateway.isRunning() && gateway.wasReady() && !killed.contains(gateway.number())) {
      faults.add("gateway %d died by itself; see %s".formatted(gateway.number(), gateway.log()));
    }
  }

  private void begin(FaultSchedule.Step step) throws Exception {
    GatewayNode gateway = fleet.gateway(step.gateway());
    if (step.kind().losesWords()) {
      // A call that is hung up after it is no worse for it; when it ends is not known yet.
      losses.add(
          new FleetCheck.Loss(
              step.gateway(),
              System.nanoTime(),
              System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(step.lastsMs() + 3000)));
    }
    switch (step.kind()) {
      case KILL -> {
        noteDeath(gateway);
        killed.add(gateway.number());
        gateway.kill();
      }
      case FREEZE -> gateway.freeze();
      case CUT -> fleet.network().cut(step.gateway());
      case WORKER -> gateway.worker().ifPresent(ProcessHandle::destroyForcibly);
      case DATABASE -> fleet.mariaDb().kill();
      case REDIS -> fleet.redis().kill();
      case REDIS_EMPTY -> {
        fleet.redis().kill();
        fleet.redis().forget();
      }
      case DISK -> fill(gateway);
    }
  }

  private void end(FaultSchedule.Step step) throws Exception {
    GatewayNode gateway = fleet.gateway(step.gateway());
    switch (step.kind()) {
      case KILL -> {
        killed.remove(gateway.number());
        gateway.start();
      }
      case FREEZE -> gateway.thaw();
      case CUT -> fleet.network().mend(step.gateway());
      case WORKER -> {
        // The gateway itself has started another.
      }
      case DATABASE -> fleet.mariaDb().start();
      case REDIS, REDIS_EMPTY -> fleet.redis().start();
      case DISK -> Files.deleteIfExists(filler(gateway));
    }
  }

  private static Path filler(GatewayNode gateway) {
    return gateway.data().resolve("filler");
  }

  private static void fill(GatewayNode gateway) {
    byte[] block = new byte[4096];
    try (OutputStream filler = Files.newOutputStream(filler(gateway))) {
      for (int i = 0; i < 64 * 256; i++) {
        filler.write(block);
      }
    } catch (IOException full) {
      return;
    }
    throw new IllegalStateException(gateway.data() + " is no small disk");
  }
}
