package org.linescribe.bench.strangers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.linescribe.bench.load.GatewayProcess;

/** Paces what strangers do, and tells what it costs the gateway and those who call meanwhile. */
final class Measuring {
  static final long SECOND_NS = 1_000_000_000L;

  private Measuring() {}

  /** Work of a scenario. */
  interface Work {
    void run() throws Exception;
  }

  /** What is done for the n-th time. */
  interface Step {
    void run(int number) throws IOException;
  }

  static void row(String what, String figures, Object... values) {
    System.out.printf(Locale.ROOT, "| %s | %s |%n", what, figures.formatted(values));
  }

  static InetSocketAddress sip(GatewayProcess gateway) {
    String address = gateway.sip();
    int colon = address.lastIndexOf(':');
    return new InetSocketAddress(
        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
  }

  static void sleep(double seconds) {
    LockSupport.parkNanos((long) (seconds * SECOND_NS));
  }

  /** So many steps in a second, for so long; returns how many were done. */
  static int pace(int perSecond, double seconds, Step step) throws IOException {
    long startNs = System.nanoTime();
    int steps = (int) (perSecond * seconds);
    for (int i = 0; i < steps; i++) {
      LockSupport.parkNanos(startNs + i * SECOND_NS / perSecond - System.nanoTime());
      step.run(i);
    }
    return steps;
  }

  /** Processor seconds of the gateway for the work, less what it uses while idle. */
  static double cpu(GatewayProcess gateway, double idlePerSecond, Work work) throws Exception {
    double before = gateway.cpuSeconds();
    long startNs = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - startNs) / 1e9;
    return Math.max(0, gateway.cpuSeconds() - before - idlePerSecond * seconds);
  }

  static double idlePerSecond(GatewayProcess gateway) throws IOException {
    double before = gateway.cpuSeconds();
    sleep(5);
    return (gateway.cpuSeconds() - before) / 5;
  }

  /** Compiles what the measurement would else pay for. */
  static void warmUp(GatewayProcess gateway) throws IOException {
    try (Crowd crowd = new Crowd(20, sip(gateway))) {
      pace(1000, 5, i -> crowd.sendFrom(i, stranger -> stranger.request("OPTIONS", "")));
    }
    try (SipStranger good = new SipStranger("127.0.0.1", sip(gateway))) {
      for (int i = 0; i < 20; i++) {
        Optional<SipStranger.Dialog> call = good.call();
        if (call.isPresent()) {
          good.hangUp(call.get(), 2);
        }
      }
    }
    sleep(1);
  }

  /** Calls and hangs up until it is over; a call that is not answered counts as 10 s. */
  static void goodCalls(GatewayProcess gateway, AtomicBoolean over, List<Double> setups) {
    try (SipStranger good = new SipStranger("127.0.0.1", sip(gateway))) {
      while (!over.get()) {
        Optional<SipStranger.Dialog> call = good.call();
        setups.add(call.map(SipStranger.Dialog::setupMs).orElse(Double.POSITIVE_INFINITY));
        if (call.isPresent()) {
          good.hangUp(call.get(), 2);
        }
        sleep(0.02);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static String setup(List<Double> setups) {
    long refused = setups.stream().filter(ms -> ms.isInfinite()).count();
    List<Double> made = setups.stream().filter(ms -> !ms.isInfinite()).sorted().toList();
    return made.isEmpty()
        ? "none of %d set up".formatted(setups.size())
        : "set-up p50 %.0f, p95 %.0f ms, %d of %d not served"
            .formatted(
                made.get(made.size() / 2),
                made.get(made.size() * 95 / 100),
                refused,
                setups.size());
  }
}
