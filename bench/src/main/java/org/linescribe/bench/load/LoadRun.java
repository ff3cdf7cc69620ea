package org.linescribe.bench.load;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.linescribe.bench.load.ApiLoad.Target;
import org.linescribe.media.resources.ResourceFiles;

/**
 * Loads one API after the other of a gateway in a process of its own.
 *
 * <p>Arguments: APIs ({@code transcribe,stt,audio,socketio,files} and the names of {@link Protocol}
 * in small letters, comma between; {@code protocols}; {@code all}), clients (100), seconds that
 * each speaks at least (20). Needs FFmpeg, node and npm on the PATH. An API is given up after a
 * minute and a half. {@code -Dlinescribe.cold=true}: the first clients find a gateway that has just
 * started. {@code -Dlinescribe.command}: what starts it in place of {@code ./linescribe}, words
 * with a blank between.
 */
public final class LoadRun {
  private static final List<String> ORDER =
      Stream.concat(
              Stream.of("transcribe", "stt", "audio", "socketio", "files"),
              Arrays.stream(Protocol.values()).map(Protocol::word))
          .toList();
  private static final long GIVE_UP_S = 90;
  private static final int WARMING_CLIENTS = 20;

  private final GatewayProcess gateway;
  private final Target target;
  private final List<Speech> speeches;

  /** For bench/RESULTS.md. */
  private final List<String> rows = new ArrayList<>();

  private LoadRun(GatewayProcess gateway, Target target, List<Speech> speeches) {
    this.gateway = gateway;
    this.target = target;
    this.speeches = speeches;
  }

  public static void main(String[] args) throws Exception {
    List<String> apis =
        switch (args.length == 0 ? "all" : args[0]) {
          case "all" -> ORDER;
          case "protocols" -> Arrays.stream(Protocol.values()).map(Protocol::word).toList();
          default -> Arrays.asList(args[0].split(","));
        };
    for (String api : apis) {
      if (!ORDER.contains(api)) {
        throw new IllegalArgumentException(api + " (expected: " + ORDER + ", or all)");
      }
    }
    int clients = args.length > 1 ? Integer.parseInt(args[1]) : 100;
    int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 20;
    Path root = Path.of(System.getProperty("linescribe.root", ".")).toAbsolutePath().normalize();
    List<Speech> speeches = Speech.forClients(root.resolve("test-calls/human"), clients, seconds);
    Path scratch = Files.createTempDirectory("linescribe-api-load");
    int audioSocketPort = SameWords.freePort();
    System.out.printf(
        "%s, %d processors, JDK %s; %d clients, %d words; latencies in ms: 50 / 95 / 99 / 100 %%%n",
        System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        clients,
        speeches.stream().mapToInt(speech -> speech.words().size()).sum());
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        GatewayProcess gateway =
            GatewayProcess.start(
                root,
                Files.createDirectory(scratch.resolve("data")),
                scratch.resolve("gateway.log"),
                "telephony-digits-en",
                clients,
                audioSocketPort)) {
      LoadRun load =
          new LoadRun(
              gateway, new Target(http, gateway.http(), audioSocketPort, root, scratch), speeches);
      System.out.printf(
          "ready after %d ms and %.1f s of processor, load average %s%n",
          gateway.readyMs(), gateway.cpuSeconds(), loadAverage());
      if (!Boolean.getBoolean("linescribe.cold")) {
        load.warmUp();
      }
      for (String name : apis) {
        load.run(Objects.requireNonNull(ApiLoad.all().get(name)));
      }
      System.out.printf(
          "%n| API | sessions | word errors | errors | final: 50 / 95 / 99 / 100 %% | CPU | load"
              + " average |%n|---|---|---|---|---|---|---|%n%s%n",
          String.join("\n", load.rows));
    } finally {
      System.out.println("The gateway's log: " + scratch.resolve("gateway.log"));
      ResourceFiles.deleteTree(scratch.resolve("data"));
    }
  }

  /**
   * A JVM that still compiles is behind real time and refuses what it would take a minute later.
   */
  private void warmUp() throws Exception {
    ApiLoad transcribe = Objects.requireNonNull(ApiLoad.all().get("transcribe"));
    transcribe.load(
        target, speeches.subList(0, Math.min(WARMING_CLIENTS, speeches.size())), new Figures());
  }

  private void run(ApiLoad api) throws Exception {
    Figures figures = new Figures();
    String load = loadAverage();
    long liveBefore = gateway.liveHeapMiB();
    long rssBefore = gateway.rssMiB();
    long threadsBefore = gateway.threads();
    long filesBefore = gateway.openFiles();
    double cpuBefore = gateway.cpuSeconds();
    long startNs = System.nanoTime();
    AtomicLong peak = new AtomicLong();
    Thread watch = Thread.ofVirtual().start(() -> watch(peak));
    String slow;
    String stuck;
    try (Nuisance slowReader = Nuisance.slowReader(gateway.port(), api.manners(speeches.get(0)));
        Nuisance stuckUploader =
            Nuisance.stuckUploader(gateway.port(), api.manners(speeches.get(0)))) {
      loadWithin(api, figures);
      slow = slowReader.fate();
      stuck = stuckUploader.fate();
    }
    double wallSeconds = (System.nanoTime() - startNs) / 1e9;
    double cpuSeconds = gateway.cpuSeconds() - cpuBefore;
    String loadAfter = loadAverage();
    // What the last clients left behind is put away.
    TimeUnit.SECONDS.sleep(8);
    watch.interrupt();
    long liveAfter = gateway.liveHeapMiB();
    System.out.printf(
        "%n%s, %.0f s, load average %s to %s%n", api.name(), wallSeconds, load, loadAfter);
    System.out.println("  latencies: " + figures.latencies());
    System.out.println("  word errors: " + figures.words() + "   errors: " + figures.errors());
    System.out.println("  counts: " + figures.counts());
    System.out.printf(
        "  RSS %d, at most %d, after %d MiB; live heap %d, after %d MiB; threads %d, after %d;"
            + " open files %d, after %d; CPU %.0f s%n",
        rssBefore,
        peak.get(),
        gateway.rssMiB(),
        liveBefore,
        liveAfter,
        threadsBefore,
        gateway.threads(),
        filesBefore,
        gateway.openFiles(),
        cpuSeconds);
    rows.add(
        "| %s | %d of %d | %s | %s | %s | %.0f s of %.0f | %s to %s |"
            .formatted(
                api.name(),
                figures.sessions(),
                speeches.size(),
                figures.words(),
                figures.errors(),
                figures.latency("final"),
                cpuSeconds,
                wallSeconds,
                load,
                loadAfter));
    System.out.println("  slow reader: " + slow + "; stuck uploader: " + stuck);
  }

  private void loadWithin(ApiLoad api, Figures figures) throws Exception {
    try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> all =
          thread.submit(
              () -> {
                api.load(target, speeches, figures);
                return null;
              });
      try {
        all.get(GIVE_UP_S, TimeUnit.SECONDS);
      } catch (TimeoutException late) {
        figures.error("run given up after " + GIVE_UP_S + " s");
        all.cancel(true);
        thread.shutdownNow();
      }
    }
  }

  private void watch(AtomicLong peak) {
    try {
      while (gateway.isAlive()) {
        peak.accumulateAndGet(gateway.rssMiB(), Math::max);
        TimeUnit.MILLISECONDS.sleep(250);
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    } catch (IOException gone) {
      peak.set(-1);
    }
  }

  /** Of the machine, over the last minute; it holds what others run beside. */
  static String loadAverage() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
  }
}
