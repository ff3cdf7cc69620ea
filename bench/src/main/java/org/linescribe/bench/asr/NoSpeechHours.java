package org.linescribe.bench.asr;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongToIntFunction;
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
import org.linescribe.testcalls.CallAudio;

/**
 * Feeds hours without speech to the bundled model of general English and counts what it tells:
 * {@code NoSpeechHours MINUTES [FOLDER with music on hold, WAV at 8 kHz]}. At most one segment in
 * an hour of each kind is the aim.
 */
public final class NoSpeechHours {
  private static final int RATE = 8000;
  private static final double FULL = 32_767;

  private NoSpeechHours() {}

  public static void main(String[] args) throws Exception {
    long samples = Long.parseLong(args[0]) * 60 * RATE;
    Map<String, LongToIntFunction> kinds = new LinkedHashMap<>();
    Random random = new Random(1);
    kinds.put("silence", _ -> 0);
    kinds.put("white noise -20 dB", _ -> (int) (random.nextGaussian() * FULL * 0.1));
    kinds.put("white noise -40 dB", _ -> (int) (random.nextGaussian() * FULL * 0.01));
    kinds.put("brown noise", brown(new Random(2)));
    kinds.put("ring-back 425 Hz 1/4 s", at -> tone(at, 425, 0) * cadence(at, 1000, 4000));
    kinds.put("ring-back 440+480 Hz 2/4 s", at -> tone(at, 440, 480) * cadence(at, 2000, 4000));
    kinds.put("busy 480+620 Hz", at -> tone(at, 480, 620) * cadence(at, 500, 500));
    kinds.put("DTMF", NoSpeechHours::dtmf);
    if (args.length > 1) {
      short[] music = music(Path.of(args[1]));
      kinds.put("music on hold, repeated", at -> music[(int) (at % music.length)]);
    }
    Path data = Files.createTempDirectory("no-speech");
    try (Recogniser recogniser =
        SherpaRecognisers.open(
            new ModelSource.Named(BundledModel.SPEECH, data),
            SherpaRecognisers.Use.defaults(),
            SchedulerSettings.defaults(),
            new SimpleMeterRegistry())) {
      for (Map.Entry<String, LongToIntFunction> kind : kinds.entrySet()) {
        long startNs = System.nanoTime();
        List<String> told = told(recogniser, kind.getValue(), samples);
        System.out.printf(
            "%-28s %5d min: %d segments, %.0f s %s%n",
            kind.getKey(),
            samples / RATE / 60,
            told.size(),
            (System.nanoTime() - startNs) / 1e9,
            told);
      }
    }
  }

  private static List<String> told(Recogniser recogniser, LongToIntFunction sound, long samples)
      throws Exception {
    LegAudio leg = new LegAudio(RATE);
    Semaphore space = new Semaphore(0);
    Finals finals = new Finals();
    LegReader reader = leg.reader(0, space::release);
    try (RecogniserStream stream = recogniser.open(reader, StreamOptions.defaults(), finals)) {
      short[] piece = new short[RATE / 10];
      for (long done = 0; done < samples; ) {
        int count = reader.space((int) Math.min(piece.length, samples - done));
        for (int i = 0; i < count; i++) {
          piece[i] = (short) Math.clamp(sound.applyAsInt(done + i), -32_768, 32_767);
        }
        leg.append(piece, 0, count, System.nanoTime());
        leg.forgetBefore(reader.held());
        done += count;
        if (count == 0) {
          space.acquire();
        }
      }
      stream.flush().toCompletableFuture().get(10, TimeUnit.MINUTES);
    }
    if (finals.failed) {
      throw new IllegalStateException("the stream failed");
    }
    return finals.told.stream().map(Hypothesis::text).toList();
  }

  private static int tone(long at, double lowHz, double highHz) {
    double low = Math.sin(2 * Math.PI * lowHz * at / RATE);
    double high = highHz == 0 ? 0 : Math.sin(2 * Math.PI * highHz * at / RATE);
    return (int) (FULL * 0.1 * (low + high));
  }

  private static int cadence(long at, int onMs, int offMs) {
    return at * 1000 / RATE % (onMs + offMs) < onMs ? 1 : 0;
  }

  /** A key of 100 ms, a pause of 100 ms, and after ten keys two seconds. */
  private static int dtmf(long at) {
    int[] low = {697, 770, 852, 941};
    int[] high = {1209, 1336, 1477};
    long ms = at * 1000 / RATE % 4000;
    if (ms >= 2000 || ms % 200 >= 100) {
      return 0;
    }
    int key = (int) ((at * 1000 / RATE / 4000 * 7 + ms / 200 * 5) % 12);
    return tone(at, low[key / 3], high[key % 3]);
  }

  private static LongToIntFunction brown(Random random) {
    double[] level = {0};
    return _ -> {
      level[0] = level[0] * 0.998 + random.nextGaussian() * 0.006;
      return (int) (level[0] * FULL);
    };
  }

  private static short[] music(Path folder) throws IOException {
    List<short[]> all = new ArrayList<>();
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().contains("moh")).sorted().toList()) {
        all.add(CallAudio.pcm8k(file));
      }
    }
    short[] joined = new short[all.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (short[] part : all) {
      System.arraycopy(part, 0, joined, at, part.length);
      at += part.length;
    }
    return joined;
  }
}
