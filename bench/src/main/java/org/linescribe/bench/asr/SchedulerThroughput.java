package org.linescribe.bench.asr;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.linescribe.asr.LegAudio;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.scheduler.StreamingEngine;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.media.resources.ResourceFiles;

/**
 * How many calls in real time one core recognises: the bare loop one by one, the bare loop in
 * batches of 16, and the scheduler with one decode thread.
 *
 * <p>Prints seconds of audio per second of the decoding thread's CPU time, which is the number of
 * calls that a core of its own would carry, and per second of the clock, which other load on the
 * machine lowers. Arguments: streams (64), seconds of audio per stream (30), rounds (3), then model
 * folders; without folders the bundled model.
 */
public final class SchedulerThroughput {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final int streams;
  private final int seconds;

  private SchedulerThroughput(int streams, int seconds) {
    this.streams = streams;
    this.seconds = seconds;
  }

  private record Cost(double cpuSeconds, double wallSeconds) {}

  public static void main(String[] args) throws Exception {
    List<String> words = new ArrayList<>(Arrays.asList(args));
    int streams = words.isEmpty() ? 64 : Integer.parseInt(words.removeFirst());
    int seconds = words.isEmpty() ? 30 : Integer.parseInt(words.removeFirst());
    int rounds = words.isEmpty() ? 3 : Integer.parseInt(words.removeFirst());
    SchedulerThroughput bench = new SchedulerThroughput(streams, seconds);
    Path data = Files.createTempDirectory("linescribe-bench");
    List<ModelSource> models = new ArrayList<>();
    words.forEach(w -> models.add(new ModelSource.Directory(Path.of(w), data)));
    if (models.isEmpty()) {
      models.add(new ModelSource.Bundled());
    }
    System.out.printf(
        "%s, %d processors, JDK %s; %d streams of %d s, %d rounds%n",
        System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        streams,
        seconds,
        rounds);
    for (ModelSource model : models) {
      System.out.println(model);
      for (int round = 1; round <= rounds; round++) {
        bench.print(round, "bare, one by one", bench.bare(model, 1));
        bench.print(round, "bare, batches of 16", bench.bare(model, 16));
        bench.print(round, "scheduler, 1 decode thread", bench.scheduled(model));
      }
    }
    ResourceFiles.deleteTree(data);
  }

  private void print(int round, String what, Cost cost) {
    double audio = (double) streams * seconds;
    System.out.printf(
        "  round %d  %-28s %7.0f per CPU second %7.0f per second%n",
        round, what, audio / cost.cpuSeconds, audio / cost.wallSeconds);
  }

  private Cost bare(ModelSource model, int batch) {
    try (StreamingEngine engine = SherpaRecognisers.bare(model)) {
      float[] audio = audio(engine.sampleRateHz());
      int frame = engine.sampleRateHz() / 50;
      List<EngineStream> open = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        open.add(engine.open());
      }
      long cpu = THREADS.getCurrentThreadCpuTime();
      long wall = System.nanoTime();
      float[] part = new float[frame];
      List<EngineStream> ready = new ArrayList<>();
      for (int at = 0; at + frame <= audio.length; at += frame) {
        System.arraycopy(audio, at, part, 0, frame);
        for (EngineStream stream : open) {
          stream.accept(part, frame);
          if (stream.isReady()) {
            ready.add(stream);
          }
        }
        for (int from = 0; from < ready.size(); from += batch) {
          List<EngineStream> together = ready.subList(from, Math.min(ready.size(), from + batch));
          engine.decode(together);
          together.forEach(EngineStream::result);
        }
        ready.clear();
      }
      Cost cost =
          new Cost(
              (THREADS.getCurrentThreadCpuTime() - cpu) / 1e9, (System.nanoTime() - wall) / 1e9);
      open.forEach(EngineStream::close);
      return cost;
    }
  }

  private Cost scheduled(ModelSource model) throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (Recogniser recogniser =
        SherpaRecognisers.open(
            model,
            SherpaRecognisers.Use.defaults(),
            SchedulerSettings.defaults().withDecodeThreads(1),
            registry)) {
      short[] audio = pcm16(audio(recogniser.info().sampleRateHz()));
      int frame = recogniser.info().sampleRateHz() / 50;
      List<Semaphore> spaces = new ArrayList<>();
      List<LegAudio> legs = new ArrayList<>();
      List<LegReader> readers = new ArrayList<>();
      List<RecogniserStream> open = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        spaces.add(new Semaphore(0));
        legs.add(new LegAudio(recogniser.info().sampleRateHz()));
        readers.add(legs.getLast().reader(0, spaces.getLast()::release));
        open.add(recogniser.open(readers.getLast(), StreamOptions.defaults(), new Finals()));
      }
      long cpu = decodeCpuNs();
      long wall = System.nanoTime();
      for (int at = 0; at + frame <= audio.length; at += frame) {
        for (int i = 0; i < streams; i++) {
          while (readers.get(i).space(frame) < frame) {
            spaces.get(i).acquire();
          }
          legs.get(i).append(audio, at, frame, System.nanoTime());
          legs.get(i).forgetBefore(readers.get(i).held());
        }
      }
      CompletableFuture.allOf(
              open.stream()
                  .map(s -> s.flush().toCompletableFuture())
                  .toArray(CompletableFuture<?>[]::new))
          .get();
      Cost cost = new Cost((decodeCpuNs() - cpu) / 1e9, (System.nanoTime() - wall) / 1e9);
      open.forEach(RecogniserStream::close);
      System.out.printf(
          "           batches of %.1f; %.0f chunks, %.0f native streams replaced%n",
          registry.get("linescribe.asr.batch.size").summary().mean(),
          registry.get("linescribe.asr.batch.size").summary().totalAmount(),
          registry.get("linescribe.asr.renewals").counter().count());
      return cost;
    }
  }

  private static long decodeCpuNs() {
    long total = 0;
    for (long id : THREADS.getAllThreadIds()) {
      var info = THREADS.getThreadInfo(id);
      if (info != null && info.getThreadName().startsWith("asr-decode-")) {
        total += Math.max(0, THREADS.getThreadCpuTime(id));
      }
    }
    return total;
  }

  /** Noise in bursts: its content does not change what a chunk costs. */
  private float[] audio(int rate) {
    Random random = new Random(1);
    float[] audio = new float[rate * seconds];
    for (int i = 0; i < audio.length; i++) {
      audio[i] = i / rate % 2 == 0 ? (float) (0.1 * random.nextGaussian()) : 0;
    }
    return audio;
  }

  private static short[] pcm16(float[] audio) {
    short[] pcm = new short[audio.length];
    for (int i = 0; i < pcm.length; i++) {
      pcm[i] = (short) Math.clamp(Math.round(audio[i] * 32768f), -32768, 32767);
    }
    return pcm;
  }
}
