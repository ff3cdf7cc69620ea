package org.linescribe.asr.sherpa;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegAudio;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.worker.ChildJvm;
import org.linescribe.media.resources.TemporaryFolder;

/**
 * How fast a model decodes recorded speech on this machine, one stream alone, as fast as it goes.
 *
 * <p>Thread: any; blocks.
 */
public final class ModelSpeed {
  /** A core that decodes has time left for the rest of a call's work, and for a crowd of words. */
  private static final double USABLE_CORE = 0.7;

  /** 0.7 by 0.1 is 6.999…, and seven streams. */
  private static final double ROUNDING = 1e-9;

  private static final int FRAME_MS = 20;
  private static final int WARM_UP_MS = 3000;
  private static final long LOOK_MS = 50;

  /**
   * The child may first try the model in a child of its own, then loads it, and the slowest may
   * take several times its time.
   */
  private static final Duration CHILD_LIMIT = ModelProbe.TIMEOUT.plusSeconds(90);

  private ModelSpeed() {}

  /**
   * What was measured.
   *
   * @param realTimeFactor time that decoding took, by the length of the audio: below 1 is faster
   *     than speech
   * @param coresPerStream processor time, by the length of the audio; what others do on the machine
   *     does not count
   * @param audio decoded
   * @param took on the clock
   */
  public record Measured(
      double realTimeFactor, double coresPerStream, Duration audio, Duration took) {
    /**
     * Streams in real time for which one core suffices, 30 % of it left free; 0 where it does not
     * for one. Of a model that decodes whole utterances the finals count with few partials, which
     * on a machine with calls use what is left.
     */
    public int streamsPerCore() {
      return (int) Math.floor(USABLE_CORE / coresPerStream + ROUNDING);
    }

    /** The line by which a child tells. */
    String line() {
      return String.format(
          Locale.ROOT,
          "%s%.6f %.6f %d %d",
          SpeedMain.MEASURED,
          realTimeFactor,
          coresPerStream,
          audio.toMillis(),
          took.toMillis());
    }

    static Measured of(String line) {
      String[] fields = line.substring(SpeedMain.MEASURED.length()).split(" ");
      return new Measured(
          Double.parseDouble(fields[0]),
          Double.parseDouble(fields[1]),
          Duration.ofMillis(Long.parseLong(fields[2])),
          Duration.ofMillis(Long.parseLong(fields[3])));
    }
  }

  /**
   * Measures a recogniser that nobody else uses, in a process that does nothing else.
   *
   * @param pcm speech, mono, 16-bit; decoded again and again
   * @param atMost no new round begins after it
   */
  public static Measured measure(
      Recogniser recogniser, short[] pcm, int sampleRateHz, Duration atMost)
      throws InterruptedException {
    // Pages of the model are read, and Java's part is compiled.
    decode(
        recogniser,
        Arrays.copyOf(pcm, Math.min(pcm.length, WARM_UP_MS * sampleRateHz / 1000)),
        sampleRateHz);
    long beganNs = System.nanoTime();
    long beganCpuNs = processCpuNs();
    long samples = 0;
    do {
      decode(recogniser, pcm, sampleRateHz);
      samples += pcm.length;
    } while (System.nanoTime() - beganNs < atMost.toNanos());
    long tookNs = System.nanoTime() - beganNs;
    long cpuNs = processCpuNs() - beganCpuNs;
    double audioNs = 1e9 * samples / sampleRateHz;
    return new Measured(
        tookNs / audioNs,
        // Where the system does not tell, one thread is taken for busy all the time.
        Math.max(1e-6, (cpuNs > 0 ? cpuNs : tookNs) / audioNs),
        Duration.ofNanos((long) audioNs),
        Duration.ofNanos(tookNs));
  }

  private static long processCpuNs() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  private static void decode(Recogniser recogniser, short[] pcm, int sampleRateHz)
      throws InterruptedException {
    Semaphore space = new Semaphore(0);
    LegAudio leg = new LegAudio(sampleRateHz);
    LegReader reader = leg.reader(0, space::release);
    int frame = FRAME_MS * sampleRateHz / 1000;
    Discarding listener = new Discarding(space);
    try (RecogniserStream stream = recogniser.open(reader, StreamOptions.defaults(), listener)) {
      for (int at = 0; at < pcm.length; ) {
        int count = reader.space(Math.min(frame, pcm.length - at));
        leg.append(pcm, at, count, System.nanoTime());
        at += count;
        if (count == 0) {
          space.tryAcquire(1, TimeUnit.SECONDS);
        }
        // A stream that failed reads no more.
        listener.check();
      }
      stream.flush().toCompletableFuture().join();
    } catch (CompletionException failed) {
      throw new RecogniserException(
          "the recording could not be decoded: " + failed.getCause(), failed);
    }
  }

  /**
   * Measures a model in a child JVM, so that neither its memory nor its faults are this process's.
   *
   * @param name of the catalogue, one that is installed or comes with the program
   * @param data the data folder
   * @param recording WAV, mono, 8000 Hz
   * @param atMost of decoding
   * @param mayGoOn asked all the time; where it says no, the child is killed at once, with what it
   *     started
   * @return empty where it was killed
   * @throws RecogniserException when the model cannot be loaded, or does not decode the recording
   *     in time
   */
  public static Optional<Measured> measureInChild(
      String name, Path data, Path recording, Duration atMost, BooleanSupplier mayGoOn)
      throws IOException, InterruptedException {
    Path scratch = TemporaryFolder.createDirectory("speed");
    Process child = null;
    try {
      Path out = scratch.resolve("out");
      Path err = scratch.resolve("err");
      ProcessBuilder builder =
          ChildJvm.of(
                  SpeedMain.class,
                  scratch,
                  List.of("-Xmx512m"),
                  List.of(
                      name,
                      data.toAbsolutePath().toString(),
                      recording.toAbsolutePath().toString(),
                      Long.toString(atMost.toMillis())))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      if (!mayGoOn.getAsBoolean()) {
        return Optional.empty();
      }
      child = builder.start();
      long deadlineNs = System.nanoTime() + CHILD_LIMIT.plus(atMost).toNanos();
      while (!child.waitFor(LOOK_MS, TimeUnit.MILLISECONDS)) {
        if (!mayGoOn.getAsBoolean()) {
          return Optional.empty();
        }
        if (System.nanoTime() - deadlineNs > 0) {
          throw new RecogniserException(name + " is too slow here to be measured");
        }
      }
      return Optional.of(result(name, child.exitValue(), out, err));
    } finally {
      if (child != null) {
        kill(child);
      }
      ModelProbe.delete(scratch);
    }
  }

  /**
   * Kills a process and those that it started, such as the trial of a model, and waits for them.
   */
  static void kill(Process child) throws InterruptedException {
    // Once it is dead its children are nobody's, and no longer found.
    List<ProcessHandle> descendants = child.descendants().toList();
    child.destroyForcibly().waitFor();
    for (ProcessHandle descendant : descendants) {
      descendant.destroyForcibly();
    }
    for (ProcessHandle descendant : descendants) {
      descendant.onExit().join();
    }
  }

  private static Measured result(String name, int status, Path out, Path err) throws IOException {
    String line =
        ModelProbe.tail(out)
            .lines()
            .filter(said -> said.startsWith(SpeedMain.MEASURED))
            .findFirst()
            .orElse(null);
    if (status != 0 || line == null) {
      throw new RecogniserException(
          name
              + " cannot be measured: a process of its own "
              + ChildJvm.fate(status)
              + ChildJvm.reason(ModelProbe.tail(err)));
    }
    return Measured.of(line);
  }

  /** Waits for no text; keeps why a stream failed and wakes who feeds it. */
  private static final class Discarding implements RecogniserListener {
    private final Semaphore space;
    private volatile @Nullable RecogniserException failure;

    Discarding(Semaphore space) {
      this.space = space;
    }

    void check() {
      RecogniserException failed = failure;
      if (failed != null) {
        throw new RecogniserException(
            "the recording could not be decoded: " + failed.getMessage(), failed);
      }
    }

    @Override
    public void onHypothesis(Hypothesis hypothesis) {}

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {}

    @Override
    public void onFailure(RecogniserException failed) {
      failure = failed;
      space.release();
    }
  }
}
