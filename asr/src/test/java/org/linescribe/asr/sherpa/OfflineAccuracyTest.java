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
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.Token;
import org.linescribe.asr.offline.OfflineRecogniser;
import org.linescribe.asr.offline.OfflineSettings;
import org.linescribe.asr.offline.WholeDecoder;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.media.g711.G711Law;

/** What streaming on a whole-utterance model costs in words, on people's voices. */
class OfflineAccuracyTest {
  private static final int RATE = 16_000;
  private static final Path MODEL =
      HumanCalls.shared().resolve("models").resolve("telephony-digits-en-offline");

  private static OfflineSherpaRecogniser model;
  private static List<HumanCalls.Call> calls;

  @BeforeAll
  static void load() {
    model = new OfflineSherpaRecogniser(OfflineModel.in(MODEL), "", 1);
    calls = HumanCalls.all();
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static Recogniser streaming(OfflineSettings settings, boolean timed) {
    return new OfflineRecogniser(
        new WholeDecoder() {
          @Override
          public Hypothesis decode(float[] pcm, long startMs) {
            return model.decode(pcm, startMs);
          }

          @Override
          public void close() {
            // Shared by the tests.
          }
        },
        new RecogniserInfo("whisper", "digits", "en", RATE),
        timed,
        settings);
  }

  private static Transcript heard(Recogniser recogniser, float[] pcm, int startMs)
      throws Exception {
    Transcript transcript = new Transcript();
    StreamOptions options =
        new StreamOptions(
            StreamOptions.DEFAULT_ENDPOINT_SILENCE, java.util.Optional.empty(), startMs);
    try (RecogniserStream stream = recogniser.open(options, transcript)) {
      // An offline model gets all at once: what is decoded in between depends on the audio then,
      // and
      // not on who is quicker.
      int piece = recogniser instanceof OfflineRecogniser ? pcm.length : RATE / 50;
      for (int at = 0; at < pcm.length; at += piece) {
        transcript.feed(stream, pcm, at, Math.min(piece, pcm.length - at));
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
      errors += WordErrors.count(call.words(), transcript.text());
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
    int words = calls.stream().mapToInt(call -> WordErrors.words(call.words()).size()).sum();
    int whole = 0;
    double seconds = 0;
    for (HumanCalls.Call call : calls) {
      float[] pcm = audio(call, hurried);
      seconds += pcm.length / (double) RATE;
      float[] padded = java.util.Arrays.copyOf(pcm, pcm.length + RATE / 2);
      whole += WordErrors.count(call.words(), model.decode(padded, 0).text());
    }
    int online;
    try (Recogniser sherpa =
        SherpaRecognisers.bundled(SchedulerSettings.defaults(), new SimpleMeterRegistry())) {
      online = errors(sherpa, hurried);
    }
    System.out.printf(
        "%d words in %.0f s: streaming model %d errors, offline model on whole recordings %d%n",
        words, seconds, online, whole);
    for (int windowMs : new int[] {1000, 2000, 4000, 8000, 12_000}) {
      OfflineSettings settings = OfflineSettings.defaults().withWindow(Duration.ofMillis(windowMs));
      try (Recogniser timed = streaming(settings, true);
          Recogniser untimed = streaming(settings, false)) {
        int byTime = errors(timed, hurried);
        int bySound = errors(untimed, hurried);
        System.out.printf(
            "  window %5d ms: %d errors joined by times, %d by sound%n", windowMs, byTime, bySound);
        if (windowMs == OfflineSettings.defaults().window().toMillis()) {
          assertThat(byTime).isLessThanOrEqualTo(whole + 2);
          assertThat(bySound).isLessThanOrEqualTo(whole + 2);
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
    try (Recogniser recogniser = streaming(OfflineSettings.defaults(), true)) {
      Transcript transcript = heard(recogniser, twice, 5000);
      assertThat(WordErrors.count(call.words() + " " + call.words(), transcript.text()))
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
    try (Recogniser recogniser = streaming(OfflineSettings.defaults(), true)) {
      Transcript transcript = new Transcript();
      try (RecogniserStream stream = recogniser.open(StreamOptions.defaults(), transcript)) {
        for (int at = 0; at < speech.length; at += RATE / 10) {
          transcript.feed(stream, speech, at, Math.min(RATE / 10, speech.length - at));
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
      assertThat(WordErrors.count(call.words(), transcript.text())).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void jumpsOverLongSilenceAndKeepsTheTimeline() throws Exception {
    HumanCalls.Call call = calls.getFirst();
    float[] speech = call.throughPhone(G711Law.PCMU, 0);
    try (Recogniser recogniser = streaming(OfflineSettings.defaults(), true)) {
      Transcript transcript = new Transcript();
      try (RecogniserStream stream = recogniser.open(StreamOptions.defaults(), transcript)) {
        stream.skip(3600 * RATE);
        transcript.feed(stream, speech, 0, speech.length);
        stream.skip(3600 * RATE);
        transcript.feed(stream, speech, 0, speech.length);
        stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
      }
      long hourMs = 3_600_000;
      assertThat(transcript.finals.getFirst().hypothesis().startMs())
          .isBetween(hourMs, hourMs + 2000);
      assertThat(WordErrors.count(call.words() + " " + call.words(), transcript.text()))
          .isLessThanOrEqualTo(3);
    }
  }

  @Test
  void failsItsStreamsWhenItIsClosed() {
    Transcript transcript = new Transcript();
    Recogniser recogniser = streaming(OfflineSettings.defaults(), true);
    RecogniserStream stream = recogniser.open(StreamOptions.defaults(), transcript);
    recogniser.close();
    org.awaitility.Awaitility.await().until(() -> !transcript.failures.isEmpty());
    assertThat(stream.accept(new float[160], 0, 160)).isFalse();
    assertThatThrownBy(() -> recogniser.open(StreamOptions.defaults(), transcript))
        .isInstanceOf(RecogniserException.class);
  }

  @Test
  void opensAFolderThatIsSoundAndNamesWhatIsWrongWithOneThatIsNot(@TempDir Path broken)
      throws Exception {
    try (Recogniser recogniser = OfflineRecogniser.open(MODEL, "", OfflineSettings.defaults())) {
      assertThat(recogniser.info().provider()).isEqualTo("whisper");
      assertThat(recogniser.info().model()).isEqualTo("telephony-digits-en-offline");
    }
    for (String file :
        List.of("encoder.int8.onnx", "decoder.onnx", "joiner.int8.onnx", "tokens.txt")) {
      Files.copy(MODEL.resolve(file), broken.resolve(file));
    }
    Files.write(broken.resolve("decoder.onnx"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> OfflineRecogniser.open(broken, "", OfflineSettings.defaults()).close())
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining(broken.toString())
        .hasMessageContaining("unsound");
  }
}
