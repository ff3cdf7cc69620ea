package org.linescribe.app.fleet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.linescribe.testcalls.Percentiles;

/**
 * A fleet at load while its gateways are killed, or replaced one after the other, and what its
 * clients have of it afterwards. Its settings are {@code name=value}, see {@code bench/README.md}.
 * Exit status 1: a promise was broken, which the last lines name.
 */
final class FleetRun {
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "gateways", "3",
          "calls", "60",
          "sockets", "60",
          "seconds", "300",
          "every", "20",
          "fault", "kill",
          "down", "2",
          "network", "namespaces",
          "seed", "1");

  private FleetRun() {}

  public static void main(String[] arguments) {
    int status = 1;
    try {
      status = run(new FleetOptions(arguments, DEFAULTS)).faults().isEmpty() ? 0 : 1;
    } catch (Exception failed) {
      failed.printStackTrace();
    } finally {
      // The SIP stack's threads would keep the JVM.
      System.exit(status);
    }
  }

  static FleetCheck run(FleetOptions options) throws Exception {
    var folder = options.folder();
    System.out.printf("%s, logs in %s%n", options, folder);
    try (Fleet fleet =
        new Fleet(options.number("gateways"), options.network(), folder, settings(options))) {
      System.out.println("fleet ready, load average " + FleetOptions.loadAverage());
      try (FleetLoad load =
          new FleetLoad(
              fleet,
              "fleet",
              options.number("calls"),
              options.number("sockets"),
              FleetOptions.recordings(),
              options.number("seconds"),
              options.number("seed"))) {
        List<FleetCheck.Loss> losses = new ArrayList<>();
        List<Integer> statuses = disturb(options, load, losses);
        load.awaitEnd();
        String loadAverage = FleetOptions.loadAverage();
        FleetCheck check = FleetCheck.of(load, losses);
        report(options, load, losses, statuses, check, loadAverage);
        return check;
      }
    }
  }

  private static List<String> settings(FleetOptions options) {
    List<String> settings = FleetOptions.unhurried();
    if (options.get("fault").equals("roll")) {
      settings.add("linescribe.call.drain-wait=60s");
    }
    return settings;
  }

  /** One gateway after the other, as long as the load lasts; exit statuses of those that ended. */
  private static List<Integer> disturb(
      FleetOptions options, FleetLoad load, List<FleetCheck.Loss> losses) throws Exception {
    List<Integer> statuses = new ArrayList<>();
    long everyNs = TimeUnit.SECONDS.toNanos(options.number("every"));
    long untilNs = load.startNs() + TimeUnit.SECONDS.toNanos(options.number("seconds"));
    if (everyNs == 0) {
      return statuses;
    }
    for (int number = 0; ; number++) {
      long atNs = load.startNs() + (number + 1) * everyNs;
      if (Math.max(atNs, System.nanoTime()) >= untilNs) {
        return statuses;
      }
      TimeUnit.NANOSECONDS.sleep(atNs - System.nanoTime());
      GatewayNode gateway = load.fleet().gateway(number % load.fleet().size());
      long fromNs = System.nanoTime();
      if (options.get("fault").equals("roll")) {
        statuses.add(gateway.terminate());
      } else {
        gateway.kill();
        TimeUnit.SECONDS.sleep(options.number("down"));
        losses.add(new FleetCheck.Loss(gateway.number(), fromNs, System.nanoTime()));
      }
      long startNs = System.nanoTime();
      gateway.start();
      gateway.awaitReady();
      System.out.printf(
          "%4.0f s: gateway %d was gone for %.1f s, its start took %.1f s; load average %s%n",
          (fromNs - load.startNs()) / 1e9,
          gateway.number(),
          (System.nanoTime() - fromNs) / 1e9,
          (System.nanoTime() - startNs) / 1e9,
          FleetOptions.loadAverage());
    }
  }

  private static void report(
      FleetOptions options,
      FleetLoad load,
      List<FleetCheck.Loss> losses,
      List<Integer> statuses,
      FleetCheck check,
      String loadAverage)
      throws IOException {
    List<SipLine.Call> calls = load.calls();
    Percentiles setup = Percentiles.of(calls.stream().mapToDouble(SipLine.Call::setupMs).toArray());
    Map<String, Long> failed =
        load.failedCalls().stream()
            .collect(
                Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    long lost =
        calls.stream()
            .filter(
                call ->
                    losses.stream()
                        .anyMatch(
                            loss ->
                                loss.gateway() == call.gateway()
                                    && loss.fromNs() <= call.endedNs()
                                    && loss.fromNs() >= call.answeredNs()))
            .count();
    System.out.printf("%n%s%n", options);
    System.out.printf("load average                        %s%n", loadAverage);
    System.out.printf(
        "killed, stopped                     %d, %d %s%n",
        losses.size(), statuses.size(), statuses);
    System.out.printf(
        "calls answered, cut by a gateway    %d, %d%n",
        calls.size(), calls.stream().filter(SipLine.Call::cut).count());
    System.out.printf("calls of a killed gateway           %d%n", lost);
    System.out.printf("calls not answered, by status       %s%n", failed);
    System.out.printf("set-up ms                           %s%n", setup.line());
    System.out.printf(
        "socket sources, reconnections       %d, %d%n",
        load.sources().size(), load.sources().stream().mapToInt(FleetSource::breaks).sum());
    System.out.printf("refused or unanswered sockets       %d%n", load.refusedSockets());
    System.out.printf(
        "readers, reconnections              %d, %d%n",
        load.readers().size(), load.readers().stream().mapToInt(FleetReader::reconnects).sum());
    System.out.printf("sessions with finals                %d%n", check.sessions());
    System.out.printf("finals seen, stored                 %d, %d%n", check.seen(), check.stored());
    System.out.printf("set aside, shown to nobody          %d%n", check.setAside());
    Words words = check.words();
    System.out.printf("undisturbed words, wrong            %d, %d%n", words.said(), words.wrong());
    System.out.printf(
        "words in flight at a loss           %d: %d missing, %d other%n",
        words.disturbedSaid(), words.disturbedMissing(), words.disturbedOther());
    System.out.printf("promises broken                     %d%n", check.faults().size());
    check.faults().stream()
        .sorted(Comparator.comparingInt(String::length))
        .limit(50)
        .forEach(fault -> System.out.println("- " + fault));
  }
}
