package org.linescribe.bench.asr;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.media.resources.ResourceFiles;

/**
 * What the pipeline leaves of a model's throughput: the bare recogniser's loop one by one and in
 * batches, the recogniser with its scheduler, and the whole pipeline from a source's audio to
 * finals in the embedded database. By turns in one process, each round in another order, with the
 * same audio, one decoding thread and at most 16 streams in a batch.
 *
 * <p>Prints seconds of audio per second of processor time of the whole process, which is the number
 * of calls that one core carries, and the ratio to the bare loop in batches of the same round.
 * Arguments: rounds, then for each model {@code MODEL,RECORDINGS,STREAMS,SECONDS}: the name of a
 * bundled model or a folder, a folder of recordings, how many streams, and how long each is.
 */
public final class PipelineThroughput {
  private static final int WARM_UP = 2;

  private PipelineThroughput() {}

  /** One way of recognising the same audio. Closed when all rounds are over. */
  interface Way extends AutoCloseable {
    String name();

    /** Waits for what is left of the way before. */
    default void prepare() throws InterruptedException {}

    /** Recognises all of it; what it takes is measured. */
    void run() throws Exception;

    /** What it did, for whoever compares; of the last run. */
    String done();

    @Override
    void close();
  }

  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(args[0]);
    System.out.printf(
        "%s, %d processors, JDK %s; %d rounds after %d to warm up%n",
        System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        Runtime.version(),
        rounds,
        WARM_UP);
    Path data = Files.createTempDirectory("linescribe-bench");
    try {
      for (String model : Arrays.copyOfRange(args, 1, args.length)) {
        String[] words = model.split(",");
        Tape tape =
            Tape.of(Path.of(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
        measure(words[0], source(words[0], data), tape, rounds, data);
      }
    } finally {
      ResourceFiles.deleteTree(data);
    }
    System.exit(0);
  }

  private static ModelSource source(String model, Path data) {
    return Files.isDirectory(Path.of(model))
        ? new ModelSource.Directory(Path.of(model), data)
        : new ModelSource.Named(model, data);
  }

  private static void measure(String name, ModelSource model, Tape tape, int rounds, Path data)
      throws Exception {
    System.out.printf(
        "%n%s: %d streams of %d s%n", Path.of(name).getFileName(), tape.streams(), tape.seconds());
    List<Way> ways = Ways.of(model, tape, data);
    double[][] perCore = new double[ways.size()][rounds];
    String[] done = new String[ways.size()];
    for (int round = -WARM_UP; round < rounds; round++) {
      for (int turn = 0; turn < ways.size(); turn++) {
        int way = Math.floorMod(turn + round, ways.size());
        ways.get(way).prepare();
        Usage before = Usage.now();
        ways.get(way).run();
        Usage took = Usage.now().since(before);
        done[way] = ways.get(way).done() + "; " + took.byThread();
        if (round >= 0) {
          perCore[way][round] = tape.streams() * tape.seconds() / took.cpuSeconds();
        }
        System.gc();
      }
    }
    for (int way = 0; way < ways.size(); way++) {
      print(ways.get(way).name(), perCore[way], perCore[Ways.BATCHED], done[way]);
      ways.get(way).close();
    }
  }

  private static void print(String name, double[] perCore, double[] batched, String done) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < perCore.length; round++) {
      ratios.add(perCore[round] / batched[round]);
    }
    double[] sorted = perCore.clone();
    Arrays.sort(sorted);
    ratios.sort(null);
    System.out.printf(
        Locale.ROOT,
        "  %-34s %6.1f (%.1f to %.1f) calls a core; %.3f (%.3f to %.3f) of batches;  %s%n",
        name,
        sorted[sorted.length / 2],
        sorted[0],
        sorted[sorted.length - 1],
        ratios.get(ratios.size() / 2),
        ratios.getFirst(),
        ratios.getLast(),
        done);
  }
}
