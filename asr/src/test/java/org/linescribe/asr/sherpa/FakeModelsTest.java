package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.Token;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.utterance.UtteranceSettings;
import org.linescribe.asr.utterance.WholeDecoder;
import org.linescribe.media.g711.G711Law;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.ChildProcesses;
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
      assertThat(List.of("fr-CA", "de", "es")).allMatch(decoder::prepare);
      assertThat(decoder.prepare("xx")).isFalse();
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

  @Test
  void asksNoTimesOfAWhisperWhoseDecoderShowsNoAttention() {
    try (WholeDecoder decoder = SherpaRecognisers.bareDecoder(source("fake-whisper"))) {
      assertThat(decoder.isTimed()).isFalse();
      assertThat(decoder.decode(speech(RATE), 0).text()).isEqualTo("english");
    }
  }

  /** Loading would take the place of decoding, and count as that. */
  @Test
  void decodingLoadsNoModelForALanguage() {
    float[] speech = speech(RATE);
    try (WholeDecoder decoder = SherpaRecognisers.bareDecoder(source("fake-whisper"))) {
      WholeDecoder french = decoder.speaking("fr");
      assertThat(french.decode(speech, 0).text()).isEqualTo("english");
      assertThat(french.decode(speech, 0).language()).contains("en");
      assertThat(decoder.prepare("fr")).isTrue();
      assertThat(french.decode(speech, 0).text()).isEqualTo("french");
    }
  }

  @Test
  void findsOutWhatIsSpokenWhereTheModelCannotBeLoadedForALanguage() throws IOException {
    Path folder = ProjectFiles.root().resolve("asr/src/test/resources/fake-models/fake-whisper");
    Path copy = Files.createDirectory(data.resolve("whisper"));
    for (String file : List.of("encoder.onnx", "decoder.onnx", "tokens.txt")) {
      Files.copy(folder.resolve(file), copy.resolve(file));
    }
    float[] speech = speech(RATE);
    try (WholeDecoder decoder =
        SherpaRecognisers.bareDecoder(new ModelSource.Directory(copy, data))) {
      Files.delete(copy.resolve("encoder.onnx"));
      assertThat(decoder.prepare("fr")).isFalse();
      Files.copy(folder.resolve("encoder.onnx"), copy.resolve("encoder.onnx"));
      // Not tried again at once.
      assertThat(decoder.prepare("fr")).isFalse();
      Hypothesis heard = decoder.speaking("fr").decode(speech, 0);
      assertThat(heard.text()).isEqualTo("english");
      assertThat(heard.language()).contains("en");
      assertThat(decoder.prepare("de")).isTrue();
    }
  }

  @Test
  void aWorkerThatStartsAgainIsToldTheLanguagesOfItsPredecessor() {
    float[] speech = speech(RATE);
    ChildProcesses workers = new ChildProcesses();
    try (WholeDecoder decoder =
        SherpaRecognisers.wholeDecoder(
            source("fake-whisper"),
            SettingsDefaults.of(SchedulerSettings.class, Map.of("workers", "2")),
            new SimpleMeterRegistry())) {
      assertThat(decoder.prepare("xx")).isFalse();
      assertThat(decoder.speaking("fr").decode(speech, 0).text()).isEqualTo("english");
      assertThat(decoder.prepare("fr-CA")).isTrue();
      kill(workers.alive().getFirst());
      // By the one that was told, whether or not its fellow serves already.
      assertThat(decoder.speaking("fr-CA").decode(speech, 0).text()).isEqualTo("french");
      await().atMost(Duration.ofMinutes(2)).until(() -> workers.alive().size() == 2);
      workers.alive().forEach(FakeModelsTest::kill);
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> decoder.speaking("fr-CA").decode(speech, 0).text().equals("french"));
    }
  }

  private static void kill(ProcessHandle worker) {
    worker.destroyForcibly();
    worker.onExit().join();
  }

  @Test
  void saysWhichLanguagesAModelCanBeTold() {
    RecogniserInfo whisper = SherpaRecognisers.describe(source("fake-whisper"));
    assertThat(whisper.canBeHeldTo("fr-CA")).isTrue();
    assertThat(whisper.tellable()).isEqualTo(whisper.languages());
    try (Recogniser recogniser = open("fake-whisper")) {
      assertThat(recogniser.info().tellable()).isEqualTo(whisper.tellable());
      assertThat(recogniser.prepare("de-AT")).isTrue();
      assertThat(recogniser.prepare("xx")).isFalse();
    }
    assertThat(SherpaRecognisers.describe(source("fake-sense-voice")).tellable())
        .contains("ja", "cmn");
    assertThat(SherpaRecognisers.describe(source("fake-nemo-tdt")).tellable()).isEmpty();
    SherpaRecognisers.Use french =
        new SherpaRecognisers.Use("sherpa", "fr", UtteranceSettings.defaults(), false);
    try (Recogniser settled =
        SherpaRecognisers.open(
            source("fake-whisper"),
            french,
            SchedulerSettings.defaults(),
            new SimpleMeterRegistry())) {
      assertThat(settled.info().tellable()).isEmpty();
      assertThat(settled.prepare("fr")).isTrue();
      assertThat(settled.prepare("de")).isFalse();
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
      assertThat(List.of("ja", "zh")).allMatch(decoder::prepare);
      assertThat(decoder.decode(speech, 0).language()).contains("en");
      assertThat(decoder.speaking("ja-JP").decode(speech, 0).language()).contains("ja");
      assertThat(decoder.speaking("cmn").decode(speech, 0).language()).contains("zh");
      assertThat(decoder.speaking("xx").decode(speech, 0).language()).contains("en");
      assertThat(decoder.speaking("").decode(speech, 0).language()).isEqualTo(Optional.of("en"));
    }
  }
}
