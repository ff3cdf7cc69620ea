package org.linescribe.bench.asr;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
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
import org.linescribe.asr.utterance.WholeDecoder;
import org.linescribe.media.resample.Resampler;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.WordErrors;

/**
 * What a speaker without pauses costs the bundled model of general English in words: {@code
 * MonologueWords FOLDER OUT [PACE]}, a folder of recordings with a manifest, where the monologue
 * that is made of them goes, for {@code linescribe call}, and how many times as fast as spoken it
 * is fed.
 *
 * <p>Beside it the bare model on the same audio, cut where the pauses had been: what can be had by
 * who knows where sentences end.
 */
public final class MonologueWords {
  private static final int LONGEST_S = 9;

  private MonologueWords() {}

  public static void main(String[] args) throws Exception {
    Monologue monologue = Monologue.of(RecordedCall.find(List.of(Path.of(args[0])), null));
    monologue.write(Path.of(args[1]));
    System.out.printf(
        "%.0f s without %d pauses, load average %.1f%n",
        monologue.seconds(),
        monologue.pauses().size(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    ModelSource model =
        new ModelSource.Named(BundledModel.SPEECH, Files.createTempDirectory("monologue"));
    try (WholeDecoder decoder = SherpaRecognisers.bareDecoder(model)) {
      print("bare model, cut where pauses were", monologue, bare(monologue, decoder));
    }
    double pace = args.length > 2 ? Double.parseDouble(args[2]) : 1;
    try (Recogniser recogniser =
        SherpaRecognisers.open(
            model,
            SherpaRecognisers.Use.defaults(),
            SchedulerSettings.defaults(),
            new SimpleMeterRegistry())) {
      Live live = new Live();
      stream(monologue, recogniser, live, pace);
      print("live", monologue, live.text());
      System.out.printf(
          Locale.ROOT,
          "%d finals, the longest %.1f s; behind their speech: median %d, 90 %% %d, most %d ms;"
              + " %d of them over 3 s%n",
          live.told.size(),
          live.longestMs / 1000.0,
          live.behindMs.get(live.behindMs.size() / 2),
          live.behindMs.get(live.behindMs.size() * 9 / 10),
          live.behindMs.getLast(),
          live.behindMs.stream().filter(ms -> ms > 3000).count());
    }
  }

  private static void print(String what, Monologue monologue, String text) {
    WordErrors errors = WordErrors.between(monologue.words(), text);
    System.out.printf(
        Locale.ROOT,
        "%-36s %d words, %d wrong (%.1f %%): %d other, %d missing, %d too many%n",
        what,
        errors.words(),
        errors.errors(),
        100 * errors.rate(),
        errors.substitutions(),
        errors.deletions(),
        errors.insertions());
  }

  private static String bare(Monologue monologue, WholeDecoder decoder) {
    List<String> texts = new ArrayList<>();
    int from = 0;
    for (int to : monologue.pieces(LONGEST_S * Monologue.RATE_HZ)) {
      short[] piece = Arrays.copyOfRange(monologue.pcm(), from, to);
      float[] wide = new float[piece.length * 2];
      Resampler.telephony(Monologue.RATE_HZ, 2 * Monologue.RATE_HZ)
          .process(piece, 0, piece.length, wide, 0);
      texts.add(decoder.decode(wide, 0).text());
      from = to;
    }
    return String.join(" ", texts);
  }

  private static void stream(Monologue monologue, Recogniser recogniser, Live live, double pace)
      throws Exception {
    LegAudio leg = new LegAudio(Monologue.RATE_HZ);
    LegReader reader = leg.reader(0, () -> {});
    int frame = Monologue.RATE_HZ / 50;
    try (RecogniserStream stream = recogniser.open(reader, StreamOptions.defaults(), live)) {
      live.begin(pace);
      short[] pcm = Arrays.copyOf(monologue.pcm(), monologue.pcm().length + Monologue.RATE_HZ);
      for (int at = 0; at + frame <= pcm.length; at += frame) {
        long dueNs = live.startNs + (long) ((at + frame) / pace / Monologue.RATE_HZ * 1e9);
        TimeUnit.NANOSECONDS.sleep(dueNs - System.nanoTime());
        leg.append(pcm, at, frame, System.nanoTime());
        leg.forgetBefore(reader.held());
      }
      stream.flush().toCompletableFuture().get(10, TimeUnit.MINUTES);
    }
    Collections.sort(live.behindMs);
  }

  /** What is told while somebody speaks; by one thread at a time. */
  private static final class Live extends Finals {
    final List<Long> behindMs = Collections.synchronizedList(new ArrayList<>());
    volatile long longestMs;
    private volatile long startNs;
    private volatile double pace;

    void begin(double factor) {
      pace = factor;
      startNs = System.nanoTime();
    }

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      long saidNs = startNs + (long) (hypothesis.endMs() * 1e6 / pace);
      behindMs.add((System.nanoTime() - saidNs) / 1_000_000);
      longestMs = Math.max(longestMs, hypothesis.endMs() - hypothesis.startMs());
      super.onEndpoint(hypothesis, decodedToMs);
    }
  }
}
