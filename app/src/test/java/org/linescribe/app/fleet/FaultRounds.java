package org.linescribe.app.fleet;

import java.nio.file.Path;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Rounds of random faults on one fleet: in each a few calls and sources speak for some seconds,
 * what its seed says breaks and is mended, and everything that clients saw is compared with the
 * database. Disks are small file systems that it mounts: start it in a mount namespace ({@code
 * unshare -m}). Exit status 1: a promise was broken.
 */
final class FaultRounds {
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "gateways", "3",
          "calls", "4",
          "sockets", "6",
          "seconds", "6",
          "rounds", "200",
          "seed", "1",
          "network", "namespaces",
          "kinds", "KILL,FREEZE,CUT,WORKER,DATABASE,REDIS,REDIS_EMPTY,DISK",
          "workers", "1");

  private static final int LONGEST_RECORDING_SLICES = 90;

  private FaultRounds() {}

  public static void main(String[] arguments) {
    int status = 1;
    try {
      status = run(arguments) == 0 ? 0 : 1;
    } catch (Exception failed) {
      failed.printStackTrace();
    } finally {
      // The SIP stack's threads would keep the JVM.
      System.exit(status);
    }
  }

  private static int run(String[] arguments) throws Exception {
    FleetOptions options = new FleetOptions(arguments, DEFAULTS);
    List<FaultSchedule.Kind> kinds =
        Arrays.stream(options.get("kinds").split(",")).map(FaultSchedule.Kind::valueOf).toList();
    Path folder = options.folder();
    System.out.printf("%s, logs in %s%n", options, folder);
    if (kinds.contains(FaultSchedule.Kind.DISK)) {
      for (int number = 0; number < options.number("gateways"); number++) {
        Path data = folder.resolve("gateway-" + number);
        java.nio.file.Files.createDirectories(data);
        FleetNetwork.Commands.run(
            "mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", data.toString());
      }
    }
    List<String> settings = FleetOptions.unhurried();
    settings.add("0:linescribe.asr.workers=" + options.get("workers"));
    try (Fleet fleet = new Fleet(options.number("gateways"), options.network(), folder, settings)) {
      return run(options, kinds, fleet);
    }
  }

  private static int run(FleetOptions options, List<FaultSchedule.Kind> kinds, Fleet fleet)
      throws Exception {
    List<FleetAudio> recordings =
        FleetOptions.recordings().stream()
            .filter(recording -> recording.codes().size() <= LONGEST_RECORDING_SLICES)
            .toList();
    Map<FaultSchedule.Kind, Integer> done = new EnumMap<>(FaultSchedule.Kind.class);
    int broken = 0;
    int seen = 0;
    Words words = Words.NONE;
    for (int round = 0; round < options.number("rounds"); round++) {
      long seed = options.number("seed") + round;
      FaultSchedule schedule =
          FaultSchedule.of(seed, kinds, fleet.size(), options.number("seconds") * 1000 + 3000);
      schedule.steps().forEach(step -> done.merge(step.kind(), 1, Integer::sum));
      FleetCheck check;
      try (FleetLoad load =
          new FleetLoad(
              fleet,
              "round" + seed,
              options.number("calls"),
              options.number("sockets"),
              recordings,
              options.number("seconds"),
              seed)) {
        FaultInjector injector = new FaultInjector(fleet);
        List<FleetCheck.Loss> losses = injector.run(schedule, load.startNs());
        load.awaitEnd();
        check = FleetCheck.of(load, losses);
        check.faults().addAll(injector.faults());
      }
      seen += check.seen();
      words = words.plus(check.words());
      System.out.printf(
          "%s seed %d: %s; %d finals seen, %d stored, %d set aside; %s; load average %s%s%n",
          LocalTime.now().withNano(0),
          seed,
          schedule.steps(),
          check.seen(),
          check.stored(),
          check.setAside(),
          check.words(),
          FleetOptions.loadAverage(),
          check.faults().isEmpty() ? "" : "; BROKEN");
      check.faults().forEach(fault -> System.out.println("- " + fault));
      broken += check.faults().isEmpty() ? 0 : 1;
    }
    System.out.printf(
        "%d rounds, %d with a broken promise; faults %s; finals seen %d; %s%n",
        options.number("rounds"), broken, done, seen, words);
    return broken;
  }
}
