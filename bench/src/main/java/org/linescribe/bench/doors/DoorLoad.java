package org.linescribe.bench.doors;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.linescribe.bench.doors.Door.Target;

/**
 * Loads one door after the other of a gateway in a process of its own.
 *
 * <p>Arguments: doors ({@code transcribe,stt,audio,socketio,files}, comma between; {@code all}),
 * clients (100), seconds that each speaks at least (20). Needs FFmpeg, node and npm on the path,
 * and the shared folder beside the project's. A door is given up after a minute and a half.
 */
public final class DoorLoad {
  private static final List<String> ORDER =
      List.of("transcribe", "stt", "audio", "socketio", "files");
  private static final long GIVE_UP_S = 90;

  private final GatewayProcess gateway;
  private final Target target;
  private final List<Speech> speeches;

  private DoorLoad(GatewayProcess gateway, Target target, List<Speech> speeches) {
    this.gateway = gateway;
    this.target = target;
    this.speeches = speeches;
  }

  public static void main(String[] args) throws Exception {
    List<String> doors =
        args.length == 0 || args[0].equals("all") ? ORDER : Arrays.asList(args[0].split(","));
    for (String door : doors) {
      if (!ORDER.contains(door)) {
        throw new IllegalArgumentException(door + " (expected: " + ORDER + ", or all)");
      }
    }
    int clients = args.length > 1 ? Integer.parseInt(args[1]) : 100;
    int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 20;
    Path root = Path.of(System.getProperty("linescribe.root", ".")).toAbsolutePath().normalize();
    List<Speech> speeches =
        Speech.forClients(
            root.resolveSibling("shared").resolve("test-calls/human"), clients, seconds);
    Path scratch = Files.createTempDirectory("linescribe-door-load");
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
                clients)) {
      DoorLoad load =
          new DoorLoad(gateway, new Target(http, gateway.http(), root, scratch), speeches);
      for (String name : doors) {
        load.run(Objects.requireNonNull(Door.all().get(name)));
      }
    } finally {
      System.out.println("The gateway's log: " + scratch.resolve("gateway.log"));
      deleteTree(scratch.resolve("data"));
    }
  }

  private void run(Door door) throws Exception {
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
    try (Nuisance slowReader = Nuisance.slowReader(gateway.port(), door.manners(speeches.get(0)));
        Nuisance stuckUploader =
            Nuisance.stuckUploader(gateway.port(), door.manners(speeches.get(0)))) {
      loadWithin(door, figures);
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
        "%n%s, %.0f s, load average %s to %s%n", door.name(), wallSeconds, load, loadAfter);
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
    System.out.println("  slow reader: " + slow + "; stuck uploader: " + stuck);
  }

  private void loadWithin(Door door, Figures figures) throws Exception {
    try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> all =
          thread.submit(
              () -> {
                door.load(target, speeches, figures);
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
  private static String loadAverage() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
  }

  private static void deleteTree(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
