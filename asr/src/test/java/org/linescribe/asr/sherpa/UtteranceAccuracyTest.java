package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.Token;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.utterance.UtteranceRecogniser;
import org.linescribe.asr.utterance.UtteranceSettings;
import org.linescribe.asr.utterance.WholeDecoder;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.WordDistance;

/** What cutting into utterances costs a model of whole utterances in words, on people's voices. */
class UtteranceAccuracyTest {
  private static final int RATE = 16_000;
  private static final Path MODEL = ProjectFiles.offlineModel();

  private static OfflineSherpaRecogniser model;
  private static List<HumanCalls.Call> calls;

  @BeforeAll
  static void load() {
    model = new OfflineSherpaRecogniser(OfflineSherpaRecogniserTest.model());
    calls = HumanCalls.all();
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static Recogniser streaming(Duration window) {
    return new UtteranceRecogniser(
        new WholeDecoder() {
          @Override
          public int sampleRateHz() {
            return RATE;
          }

          @Override
          public int maxMs() {
            return model.maxMs();
          }

          @Override
          public boolean isTimed() {
            return true;
          }

          @Override
          public Hypothesis decode(float[] pcm, long startMs) {
            return model.decode(pcm, startMs);
          }

          @Override
          public void close() {
            // Shared by the tests.
          }
        },
        new SileroVoiceActivity.Pool(0.5),
        null,
        new RecogniserInfo("whisper", "digits", "en", RATE),
        SchedulerSettings.defaults(),
        new UtteranceSettings(Duration.ofMillis(300), window, 50, false));
  }

  private static Recogniser streaming() {
    return streaming(UtteranceSettings.defaults().window());
  }

  private static Transcript heard(Recogniser recogniser, float[] pcm, int startMs)
      throws Exception {
    Transcript transcript = new Transcript();
    StreamOptions options =
        new StreamOptions(StreamOptions.DEFAULT_ENDPOINT_SILENCE, java.util.Optional.empty());
    try (FedStream stream = FedStream.open(recogniser, options, transcript, RATE, startMs)) {
      // An offline model gets all at once: what is decoded in between depends on the audio then,
      // and
      // not on who is quicker.
      int piece = recogniser instanceof UtteranceRecogniser ? pcm.length : RATE / 50;
      for (int at = 0; at < pcm.length; at += piece) {
        stream.feed(pcm, at, Math.min(piece, pcm.length - at));
      }
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    }
    assertThat(transcript.failures).isEmpty();
    return transcript;
  }

  private static int errors(Recogniser recogniser, boolean hurried) throws Exception {
    int errors = 0;
    for (HumanCalls.Call call : calls) {
      Transcript transcript = heard(recogniser, audio(call, hurried), 0);
      errors += WordDistance.between(call.words(), transcript.text());
    }
    return errors;
  }

  private static float[] audio(HumanCalls.Call call, boolean hurried) {
    float[] pcm = call.throughPhone(G711Law.PCMU, 0);
    return hurried ? withoutPauses(pcm) : pcm;
  }

  /** As someone in a hurry speaks: of a pause no more than 60 ms is left. */
  private static float[] withoutPauses(float[] pcm) {
    int frame = RATE / 50;
    double loudest = 0;
    for (int at = 0; at + frame <= pcm.length; at += frame) {
      loudest = Math.max(loudest, energy(pcm, at, frame));
    }
    float[] kept = new float[pcm.length];
    int length = 0;
    int quiet = 0;
    for (int at = 0; at + frame <= pcm.length; at += frame) {
      quiet = energy(pcm, at, frame) < loudest / 1000 ? quiet + 1 : 0;
      if (quiet <= 3) {
        System.arraycopy(pcm, at, kept, length, frame);
        length += frame;
      }
    }
    return java.util.Arrays.copyOf(kept, length);
  }

  private static double energy(float[] pcm, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += pcm[i] * pcm[i];
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void losesFewWordsToStreaming(boolean hurried) throws Exception {
    int words = calls.stream().mapToInt(call -> WordDistance.words(call.words()).size()).sum();
    int whole = 0;
    double seconds = 0;
    for (HumanCalls.Call call : calls) {
      float[] pcm = audio(call, hurried);
      seconds += pcm.length / (double) RATE;
      float[] padded = java.util.Arrays.copyOf(pcm, pcm.length + RATE / 2);
      whole += WordDistance.between(call.words(), model.decode(padded, 0).text());
    }
    int online;
    try (Recogniser sherpa =
        SherpaRecognisers.bundled(SchedulerSettings.defaults(), new SimpleMeterRegistry())) {
      online = errors(sherpa, hurried);
    }
    System.out.printf(
        "%d words in %.0f s: streaming model %d errors, offline model on whole recordings %d%n",
        words, seconds, online, whole);
    for (int windowMs : new int[] {6000, 9000, 14_000}) {
      try (Recogniser cut = streaming(Duration.ofMillis(windowMs))) {
        int inUtterances = errors(cut, hurried);
        System.out.printf("  window %5d ms: %d errors%n", windowMs, inUtterances);
        if (windowMs == UtteranceSettings.defaults().window().toMillis()) {
          assertThat(inUtterances).isLessThanOrEqualTo(whole + 8);
        }
      }
    }
    assertThat(words).isEqualTo(132);
  }

  @Test
  void endsAnUtteranceAtSilenceAndTellsItsTimes() throws Exception {
    HumanCalls.Call call = calls.getFirst();
    float[] speech = call.throughPhone(G711Law.PCMU, 1500);
    float[] twice = new float[2 * speech.length];
    System.arraycopy(speech, 0, twice, 0, speech.length);
    System.arraycopy(speech, 0, twice, speech.length, speech.length);
    try (Recogniser recogniser = streaming()) {
      Transcript transcript = heard(recogniser, twice, 5000);
      assertThat(WordDistance.between(call.words() + " " + call.words(), transcript.text()))
          .isLessThanOrEqualTo(3);
      assertThat(transcript.finals).hasSizeGreaterThanOrEqualTo(2);
      long last = 5000;
      for (Transcript.Final spoken : transcript.finals) {
        assertThat(spoken.hypothesis().startMs()).isGreaterThanOrEqualTo(last - 300);
        assertThat(spoken.hypothesis().tokens()).isNotEmpty();
        assertThat(spoken.hypothesis().tokens()).extracting(Token::startMs).isSorted();
        assertThat(spoken.hypothesis().tokens())
            .extracting(Token::probability)
            .allSatisfy(p -> assertThat(p).isBetween(0.0, 1.0));
        assertThat(spoken.decodedToMs()).isGreaterThan(last);
        last = spoken.decodedToMs();
      }
    }
  }

  /** Partials are left out while more audio waits: a source as slow as speech gets them all. */
  @Test
  void tellsWhatItHeardSoFarToASourceThatDoesNotHurry() throws Exception {
    HumanCalls.Call call = calls.getFirst();
    float[] speech = call.throughPhone(G711Law.PCMU, 1500);
    try (Recogniser recogniser = streaming()) {
      Transcript transcript = new Transcript();
      try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), transcript)) {
        for (int at = 0; at < speech.length; at += RATE / 10) {
          stream.feed(speech, at, Math.min(RATE / 10, speech.length - at));
          org.awaitility.Awaitility.await()
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(1))
              .until(() -> recogniser.load().backlogMs() == 0);
        }
        stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
      }
      assertThat(transcript.failures).isEmpty();
      assertThat(transcript.partials).hasSizeGreaterThanOrEqualTo(2);
      assertThat(transcript.partials).extracting(Hypothesis::text).doesNotHaveDuplicates();
      assertThat(WordDistance.between(call.words(), transcript.text())).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void jumpsOverLongSilenceAndKeepsTheTimeline() throws Exception {
    HumanCalls.Call call = calls.getFirst();
    float[] speech = call.throughPhone(G711Law.PCMU, 0);
    try (Recogniser recogniser = streaming()) {
      Transcript transcript = new Transcript();
      try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), transcript)) {
        stream.skip(3600 * RATE);
        stream.feed(speech, 0, speech.length);
        stream.skip(3600 * RATE);
        stream.feed(speech, 0, speech.length);
        stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
      }
      long hourMs = 3_600_000;
      assertThat(transcript.finals.getFirst().hypothesis().startMs())
          .isBetween(hourMs, hourMs + 2000);
      assertThat(WordDistance.between(call.words() + " " + call.words(), transcript.text()))
          .isLessThanOrEqualTo(3);
    }
  }

  @Test
  void failsItsStreamsWhenItIsClosed() {
    Transcript transcript = new Transcript();
    Recogniser recogniser = streaming();
    FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), transcript);
    recogniser.close();
    org.awaitility.Awaitility.await().until(() -> !transcript.failures.isEmpty());
    assertThat(stream.isDead()).isTrue();
    assertThatThrownBy(() -> FedStream.open(recogniser, StreamOptions.defaults(), transcript))
        .isInstanceOf(RecogniserException.class);
  }

  @Test
  void opensAFolderThatIsSoundAndNamesWhatIsWrongWithOneThatIsNot(
      @TempDir Path broken, @TempDir Path data) throws Exception {
    try (Recogniser recogniser = open(MODEL, data)) {
      assertThat(recogniser.info().provider()).isEqualTo("whisper");
      assertThat(recogniser.info().model()).isEqualTo("telephony-digits-en-offline");
      assertThat(recogniser.info().language()).isEqualTo("en-US");
    }
    for (String file :
        List.of("encoder.int8.onnx", "decoder.onnx", "joiner.int8.onnx", "tokens.txt")) {
      Files.copy(MODEL.resolve(file), broken.resolve(file));
    }
    Files.write(broken.resolve("decoder.onnx"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> open(broken, data).close())
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining(broken.toString())
        .hasMessageContaining("decoder.onnx: ");
  }

  private static Recogniser open(Path model, Path data) {
    return SherpaRecognisers.open(
        new ModelSource.Directory(model, data),
        new SherpaRecognisers.Use(
            SherpaRecognisers.WHISPER, "en-US", UtteranceSettings.defaults(), false),
        SchedulerSettings.defaults(),
        new SimpleMeterRegistry());
  }
}
