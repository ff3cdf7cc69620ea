package org.linescribe.bench.asr;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegAudio;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.asr.utterance.UtteranceSettings;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.WordErrors;

/**
 * How much earlier finals come where a model hears that a speaker has finished, and what else
 * becomes of them: {@code EndOfTurn FOLDER [AT_ONCE [SLOWER]]}, recordings with a manifest, fed
 * with the setting and without it, as fast as spoken, but their silence so many times slower: as on
 * a machine that is as many times faster. Times are those of the recordings. Prints each place at
 * which only one of the two ends an utterance.
 */
public final class EndOfTurn {
  private static final int RATE_HZ = 8000;
  private static final int SILENCE_S = 2;

  /** -49 dBFS, as a mean of 20 ms. */
  private static final double QUIET = 120;

  /** Two finals end at the same place. */
  private static final long SAME_MS = 400;

  private EndOfTurn() {}

  private record Told(Hypothesis hypothesis, double behindMs) {}

  public static void main(String[] args) throws Exception {
    List<RecordedCall> calls = RecordedCall.find(List.of(Path.of(args[0])), null);
    int atOnce = args.length > 1 ? Integer.parseInt(args[1]) : 1;
    int slower = args.length > 2 ? Integer.parseInt(args[2]) : 1;
    List<List<Told>> with = run(calls, atOnce, slower, true);
    List<List<Told>> without = run(calls, atOnce, slower, false);
    List<Double> gains = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      for (Told told : without.get(i)) {
        Told same = sameEnd(told, with.get(i));
        if (same == null) {
          System.out.println("only without: " + told.hypothesis().text());
        } else {
          gains.add(told.behindMs() - same.behindMs());
        }
      }
      for (Told told : with.get(i)) {
        if (sameEnd(told, without.get(i)) == null) {
          System.out.println("only with: " + calls.get(i).name() + ": " + told.hypothesis().text());
        }
      }
    }
    long earlier = gains.stream().filter(ms -> ms >= 400).count();
    double[] sorted = gains.stream().mapToDouble(ms -> ms).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "%d of %d finals at least 400 ms earlier; median %.0f ms; load average %.1f%n",
        earlier,
        gains.size(),
        sorted[sorted.length / 2],
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  private static Told sameEnd(Told told, List<Told> others) {
    return others.stream()
        .filter(o -> Math.abs(o.hypothesis().endMs() - told.hypothesis().endMs()) < SAME_MS)
        .findFirst()
        .orElse(null);
  }

  private static List<List<Told>> run(
      List<RecordedCall> calls, int atOnce, int slower, boolean endOfTurn) throws Exception {
    UtteranceSettings defaults = UtteranceSettings.defaults();
    UtteranceSettings settings =
        new UtteranceSettings(
            defaults.partialInterval(), defaults.window(), defaults.speechThreshold(), endOfTurn);
    ModelSource model =
        new ModelSource.Named(BundledModel.SPEECH, Files.createTempDirectory("end-of-turn"));
    List<List<Told>> all = new ArrayList<>();
    try (Recogniser recogniser =
            SherpaRecognisers.open(
                model,
                new SherpaRecognisers.Use(SherpaRecognisers.PROVIDER, "", settings, false),
                SchedulerSettings.defaults(),
                new SimpleMeterRegistry());
        ExecutorService callers = Executors.newFixedThreadPool(atOnce)) {
      feed(recogniser, calls.getFirst(), 1);
      List<Future<List<Told>>> running = new ArrayList<>();
      for (RecordedCall call : calls) {
        running.add(callers.submit(() -> feed(recogniser, call, slower)));
      }
      int wrong = 0;
      for (int i = 0; i < calls.size(); i++) {
        List<Told> told = running.get(i).get();
        all.add(told);
        String text = String.join(" ", told.stream().map(one -> one.hypothesis().text()).toList());
        wrong += WordErrors.between(calls.get(i).words(), text).errors();
      }
      double[] behind =
          all.stream().flatMap(List::stream).mapToDouble(Told::behindMs).sorted().toArray();
      System.out.printf(
          Locale.ROOT,
          "end of turn %s: %d finals, %d words wrong; behind their speech p50 %.0f, p90 %.0f ms%n",
          endOfTurn ? "heard" : "by silence",
          behind.length,
          wrong,
          behind[behind.length / 2],
          behind[behind.length * 9 / 10]);
    }
    return all;
  }

  private static boolean isQuiet(short[] pcm, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += (double) pcm[i] * pcm[i];
    }
    return Math.sqrt(sum / count) < QUIET;
  }

  private static List<Told> feed(Recogniser recogniser, RecordedCall call, int slower)
      throws Exception {
    short[] pcm = CallAudio.pcm8k(call.file());
    pcm = Arrays.copyOf(pcm, pcm.length + SILENCE_S * RATE_HZ);
    LegAudio leg = new LegAudio(RATE_HZ);
    LegReader reader = leg.reader(0, () -> {});
    List<Told> finals = new CopyOnWriteArrayList<>();
    AtomicLong fedMs = new AtomicLong();
    Finals listener =
        new Finals() {
          @Override
          public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
            finals.add(new Told(hypothesis, fedMs.get() - hypothesis.endMs()));
          }
        };
    int frame = RATE_HZ / 50;
    long dueNs = System.nanoTime();
    try (RecogniserStream stream = recogniser.open(reader, StreamOptions.defaults(), listener)) {
      for (int at = 0; at + frame <= pcm.length; at += frame) {
        dueNs += frame * 1_000_000_000L / RATE_HZ * (isQuiet(pcm, at, frame) ? slower : 1);
        TimeUnit.NANOSECONDS.sleep(dueNs - System.nanoTime());
        leg.append(pcm, at, frame, System.nanoTime());
        fedMs.set((at + frame) * 1000L / RATE_HZ);
        leg.forgetBefore(reader.held());
      }
      stream.flush().toCompletableFuture().get(1, TimeUnit.MINUTES);
    }
    return finals;
  }
}
