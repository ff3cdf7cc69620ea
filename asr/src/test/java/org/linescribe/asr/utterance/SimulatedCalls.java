package org.linescribe.asr.utterance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.media.wav.WavReader;

/**
 * What the bundled model of general English tells of recordings, and when, by a clock of its own:
 * {@code SimulatedCalls FOLDER TEXTS [COST]}, a folder of recordings at 8 kHz, where a JSON object
 * with the text of each goes, for {@code TextWords} of {@code bench}, and what decoding a second of
 * audio is taken to cost in seconds. However busy the machine is, the figures are the same.
 *
 * <p>How late a final is counts from the end of its last word, which is where its speech ends.
 */
public final class SimulatedCalls {
  private static final int RATE_HZ = 8000;
  private static final int SILENCE_MS = 2000;
  private static final int DECODE_THREADS = 2;
  private static final double COST = 0.05;

  private SimulatedCalls() {}

  public static void main(String[] args) throws Exception {
    double cost = args.length > 2 ? Double.parseDouble(args[2]) : COST;
    List<String> texts = new ArrayList<>();
    Heard all = new Heard();
    ModelSource model =
        new ModelSource.Named(BundledModel.SPEECH, Files.createTempDirectory("simulated"));
    try (WholeDecoder decoder = SherpaRecognisers.bareDecoder(model);
        VoiceActivity.Factory detectors =
            SherpaRecognisers.bareVoiceActivity(UtteranceSettings.defaults())) {
      for (Path file : recordings(Path.of(args[0]))) {
        try (Simulation simulation =
            new Simulation(decoder, detectors, DECODE_THREADS, s -> (long) (s * cost * 1e9))) {
          Heard heard = new Heard();
          hear(simulation, file, heard);
          texts.add(
              "\"%s\": \"%s\""
                  .formatted(
                      file.getFileName(), String.join(" ", heard.finals).replace("\"", "\\\"")));
          all.add(heard);
        }
      }
    }
    Files.writeString(Path.of(args[1]), "{" + String.join(",\n", texts) + "}\n");
    all.print();
  }

  private static List<Path> recordings(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".wav")).sorted().toList();
    }
  }

  private static void hear(Simulation simulation, Path file, Heard heard) throws IOException {
    short[] pcm;
    try (WavReader reader = WavReader.open(file)) {
      pcm = reader.readAll(3600 * RATE_HZ);
    }
    try (Simulation.Call call =
        simulation.new Call(RATE_HZ, new Heard.Listener(heard, simulation))) {
      simulation.play(call, pcm, RATE_HZ);
      simulation.play(call, new short[SILENCE_MS * RATE_HZ / 1000], RATE_HZ);
      call.flush();
    }
  }

  /** What was told, and how late. */
  private static final class Heard {
    private final List<String> finals = new ArrayList<>();
    private final List<Long> behindMs = new ArrayList<>();
    private final List<Long> lengthMs = new ArrayList<>();
    private int partials;

    void add(Heard other) {
      finals.addAll(other.finals);
      behindMs.addAll(other.behindMs);
      lengthMs.addAll(other.lengthMs);
      partials += other.partials;
    }

    void print() {
      Collections.sort(behindMs);
      Collections.sort(lengthMs);
      System.out.printf(
          Locale.ROOT,
          "%d finals of %d ms (median), %d at most; behind their speech: median %d, 90 %% %d,"
              + " most %d ms; %d partials%n",
          finals.size(),
          lengthMs.get(lengthMs.size() / 2),
          lengthMs.getLast(),
          behindMs.get(behindMs.size() / 2),
          behindMs.get(behindMs.size() * 9 / 10),
          behindMs.getLast(),
          partials);
    }

    private record Listener(Heard heard, Simulation simulation) implements RecogniserListener {
      @Override
      public void onHypothesis(Hypothesis hypothesis) {
        heard.partials++;
      }

      @Override
      public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
        heard.finals.add(hypothesis.text());
        heard.behindMs.add(simulation.nowMs() - hypothesis.endMs());
        heard.lengthMs.add(hypothesis.endMs() - hypothesis.startMs());
      }

      @Override
      public void onFailure(RecogniserException failure) {
        throw failure;
      }
    }
  }
}
