package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hotwords;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.SpokenLanguages;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;
import org.linescribe.media.g711.G711Law;

/** Hotwords on the real library, which ends the process on what it does not take. */
class HotwordsTest {
  private static final Hotwords NINE = new Hotwords(List.of("nine"));

  private static ModelFiles digits() throws Exception {
    ModelDescription bundled = ModelCatalogue.bundled().require(BundledModel.NAME);
    Path folder = BundledModel.directory();
    return ModelFiles.of(bundled, folder, "", SpokenLanguages.of(bundled, folder));
  }

  /** Every recording on a stream of its own, all decoded together. */
  private static List<String> recognise(SherpaEngine engine, List<Hotwords> each, float noise)
      throws Exception {
    List<SherpaStream> streams = new ArrayList<>();
    Random random = new Random(7);
    List<HumanCalls.Call> calls = HumanCalls.all();
    for (int i = 0; i < calls.size(); i++) {
      float[] audio = calls.get(i).throughPhone(G711Law.PCMU, 1000);
      for (int sample = 0; sample < audio.length; sample++) {
        audio[sample] += noise * (float) random.nextGaussian();
      }
      SherpaStream stream = engine.open(each.get(i % each.size()));
      stream.accept(audio, audio.length);
      stream.finish();
      streams.add(stream);
    }
    List<EngineStream> ready = ready(streams);
    while (!ready.isEmpty()) {
      engine.decode(ready);
      ready = ready(streams);
    }
    List<String> texts = streams.stream().map(stream -> stream.result().text().strip()).toList();
    streams.forEach(SherpaStream::close);
    return texts;
  }

  private static List<EngineStream> ready(List<SherpaStream> streams) {
    return streams.stream()
        .filter(SherpaStream::isReady)
        .map(stream -> (EngineStream) stream)
        .toList();
  }

  private static long nines(List<String> texts) {
    return texts.stream()
        .flatMap(text -> Arrays.stream(text.split(" ")))
        .filter("NINE"::equals)
        .count();
  }

  @Test
  void aBeamSearchPrefersThem() throws Exception {
    try (SherpaEngine engine = SherpaEngine.load(digits().withBeamSearch())) {
      assertThat(engine.takesHotwords()).isTrue();

      long without = nines(recognise(engine, List.of(Hotwords.NONE), 0.05f));
      long with = nines(recognise(engine, List.of(NINE), 0.05f));

      System.out.printf("NINE in noise: %d without, %d with hotwords%n", without, with);
      assertThat(with).isGreaterThan(without);
    }
  }

  @Test
  void streamsWithAndWithoutShareABatchAndTheOthersHearAsBefore() throws Exception {
    Hotwords foreign = new Hotwords(List.of("Acme", "Zürich HB", "nine 1"));
    try (SherpaEngine engine = SherpaEngine.load(digits().withBeamSearch())) {
      List<String> without = recognise(engine, List.of(Hotwords.NONE), 0);
      List<String> mixed =
          recognise(engine, List.of(Hotwords.NONE, NINE, foreign, Hotwords.NONE), 0);

      for (int i = 0; i < mixed.size(); i++) {
        if (i % 4 != 1) {
          assertThat(mixed.get(i)).as("recording " + i).isEqualTo(without.get(i));
        }
      }
    }
  }

  @Test
  void aGreedySearchIgnoresThem() throws Exception {
    try (SherpaEngine engine = SherpaEngine.load(digits())) {
      assertThat(engine.takesHotwords()).isFalse();

      assertThat(recognise(engine, List.of(NINE), 0))
          .isEqualTo(recognise(engine, List.of(Hotwords.NONE), 0));
    }
  }
}
