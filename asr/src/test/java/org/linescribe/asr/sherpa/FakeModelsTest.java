package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.Token;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.utterance.WholeDecoder;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.ProjectFiles;

/**
 * SenseVoice and NeMo with random weights, in the shapes of the real ones (README beside them):
 * such a folder is told, tried in a child process, loaded, decoded with and closed. What they write
 * means nothing.
 */
class FakeModelsTest {
  private static final int RATE = 16_000;

  @TempDir private Path data;

  private ModelSource source(String name) {
    Path folder = ProjectFiles.root().resolve("asr/src/test/resources/fake-models").resolve(name);
    return new ModelSource.Directory(folder, data);
  }

  private Recogniser open(String name) {
    return SherpaRecognisers.open(
        source(name),
        SherpaRecognisers.Use.defaults(),
        SchedulerSettings.defaults(),
        new SimpleMeterRegistry());
  }

  @ParameterizedTest
  @CsvSource({
    "fake-sense-voice, mul",
    "fake-nemo-ctc, und",
    "fake-nemo-transducer, und",
    "fake-nemo-tdt, und"
  })
  void servesCallsThatEnd(String name, String language) throws Exception {
    Transcript transcript = new Transcript();
    HumanCalls.Call call = HumanCalls.all().getFirst();
    try (Recogniser recogniser = open(name)) {
      assertThat(recogniser.info().language()).isEqualTo(language);
      for (int calls = 0; calls < 2; calls++) {
        try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), transcript)) {
          float[] pcm = call.throughPhone(G711Law.PCMU, 1500);
          for (int at = 0; at < pcm.length; at += RATE / 50) {
            stream.feed(pcm, at, Math.min(RATE / 50, pcm.length - at));
          }
          stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
        }
      }
    }
    assertThat(transcript.failures).isEmpty();
    assertThat(transcript.finals).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({"fake-sense-voice", "fake-nemo-ctc", "fake-nemo-transducer", "fake-nemo-tdt"})
  void decodesAudioOfAnyLengthOnSeveralThreads(String name) throws Exception {
    float[] speech = HumanCalls.all().getFirst().throughPhone(G711Law.PCMU, 500);
    try (WholeDecoder decoder = SherpaRecognisers.bareDecoder(source(name));
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Hypothesis>> running = new ArrayList<>();
      for (int samples : new int[] {1, 159, RATE / 10, RATE, 3 * RATE, decoder.maxMs() * 16}) {
        float[] pcm = new float[samples];
        System.arraycopy(speech, 0, pcm, 0, Math.min(samples, speech.length));
        running.add(threads.submit(() -> decoder.decode(pcm, 7)));
      }
      for (Future<Hypothesis> one : running) {
        Hypothesis heard = one.get(2, TimeUnit.MINUTES);
        assertThat(heard.tokens()).extracting(Token::startMs).isSorted();
        assertThat(heard.startMs()).isGreaterThanOrEqualTo(7);
      }
    }
  }

  /** Each thread its own, at the same time: one recogniser would exchange them. */
  @Test
  void whisperIsToldALanguageByEachSession() throws Exception {
    float[] speech = speech(RATE);
    Map<String, String> written =
        Map.of("", "english", "fr-CA", "french", "de", "german", "es", "spanish", "xx", "english");
    try (WholeDecoder decoder = SherpaRecognisers.bareDecoder(source("fake-whisper"));
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<String>> running = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int round = 0; round < 4; round++) {
        written.forEach(
            (told, word) -> {
              expected.add(word);
              running.add(threads.submit(() -> decoder.speaking(told).decode(speech, 0).text()));
            });
      }
      for (int i = 0; i < running.size(); i++) {
        assertThat(running.get(i).get(2, TimeUnit.MINUTES)).isEqualTo(expected.get(i));
      }
      assertThat(decoder.speaking("fr").decode(speech, 0).language()).contains("fr");
    }
  }

  private static float[] speech(int samples) {
    return Arrays.copyOf(HumanCalls.all().getFirst().throughPhone(G711Law.PCMU, 0), samples);
  }

  /** The fake one writes the language that it was told, English where it was told none. */
  @Test
  void senseVoiceIsToldALanguageForOneUtterance() {
    float[] speech = speech(2 * RATE);
    try (WholeDecoder decoder = SherpaRecognisers.bareDecoder(source("fake-sense-voice"))) {
      assertThat(decoder.decode(speech, 0).language()).contains("en");
      assertThat(decoder.speaking("ja-JP").decode(speech, 0).language()).contains("ja");
      assertThat(decoder.speaking("cmn").decode(speech, 0).language()).contains("zh");
      assertThat(decoder.speaking("xx").decode(speech, 0).language()).contains("en");
      assertThat(decoder.speaking("").decode(speech, 0).language()).isEqualTo(Optional.of("en"));
    }
  }
}
