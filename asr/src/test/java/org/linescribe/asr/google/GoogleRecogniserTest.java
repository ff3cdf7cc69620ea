package org.linescribe.asr.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.cloud.speech.v1.RecognitionConfig;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.Token;
import org.linescribe.settings.SettingsDefaults;

class GoogleRecogniserTest {
  private LocalSpeechServer server;
  private GoogleRecogniser recogniser;

  @BeforeEach
  void start() throws Exception {
    server = new LocalSpeechServer();
    recogniser = GoogleRecogniser.open(patient(Duration.ofSeconds(240)));
  }

  /** The server may take a minute to answer: on a busy machine it does. */
  private GoogleSettings patient(Duration rollover) {
    return settings(rollover, Duration.ofSeconds(60));
  }

  private GoogleSettings settings(Duration rollover, Duration answerWithin) {
    return SettingsDefaults.of(
        GoogleSettings.class,
        Map.of(
            "enabled",
            true,
            "endpoint",
            server.endpoint(),
            "plaintext",
            true,
            "rollover",
            rollover,
            "answerWithin",
            answerWithin));
  }

  @AfterEach
  void stop() {
    recogniser.close();
    server.close();
  }

  private static class Results implements RecogniserListener {
    final List<Hypothesis> partials = new CopyOnWriteArrayList<>();
    final List<Hypothesis> finals = new CopyOnWriteArrayList<>();
    final List<Long> decodedTo = new CopyOnWriteArrayList<>();
    final List<RecogniserException> failures = new CopyOnWriteArrayList<>();

    @Override
    public void onHypothesis(Hypothesis hypothesis) {
      partials.add(hypothesis);
    }

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      finals.add(hypothesis);
      decodedTo.add(decodedToMs);
    }

    @Override
    public void onFailure(RecogniserException failure) {
      failures.add(failure);
    }

    List<String> texts() {
      return finals.stream().map(Hypothesis::text).toList();
    }
  }

  private static void feed(FedStream stream, float[] pcm) throws InterruptedException {
    for (int at = 0; at < pcm.length; at += 320) {
      stream.feed(pcm, at, Math.min(320, pcm.length - at));
    }
  }

  private static void flush(FedStream stream) throws Exception {
    stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
  }

  @Test
  void tellsInterimTextsAndFinalsWithTheirTimesAndConfidence() throws Exception {
    Results results = new Results();
    StreamOptions options = new StreamOptions(Duration.ofMillis(800), Optional.of("en"));
    try (FedStream stream = FedStream.open(recogniser, options, results, 16_000, 5000)) {
      feed(stream, LocalSpeechServer.speech(600, 1, 2));
      feed(stream, LocalSpeechServer.speech(0, 3));
      flush(stream);
      feed(stream, LocalSpeechServer.speech(600, 4));
      flush(stream);
    }
    assertThat(results.failures).isEmpty();
    assertThat(results.texts()).containsExactly("one two", "three", "four");
    assertThat(results.partials).extracting(Hypothesis::text).contains("one", "one two", "three");
    Hypothesis first = results.finals.getFirst();
    assertThat(first.startMs()).isEqualTo(5000);
    assertThat(first.tokens()).extracting(Token::text).containsExactly(" one", " two");
    assertThat(first.tokens()).extracting(Token::startMs).containsExactly(5000L, 5400L);
    assertThat(first.tokens())
        .allSatisfy(token -> assertThat(token.probability()).isBetween(0.89, 0.91));
    // The third utterance is in a second call; its time counts from the leg's start all the same.
    assertThat(results.finals.getLast().startMs()).isEqualTo(5000 + 1400 + 400);
    assertThat(results.decodedTo).isSorted();
    assertThat(server.calls()).isEqualTo(2);
    RecognitionConfig config = server.configs().getFirst();
    assertThat(config.getLanguageCode()).isEqualTo("en-US");
    assertThat(config.getSampleRateHertz()).isEqualTo(16_000);
    assertThat(config.getEnableWordConfidence()).isTrue();
  }

  @Test
  void replacesAnOldCallAtAPauseAndLosesNothing() throws Exception {
    recogniser.close();
    recogniser = GoogleRecogniser.open(patient(Duration.ofSeconds(10)));
    Results results = new Results();
    try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), results)) {
      for (int i = 1; i <= 16; i++) {
        // Half a second of the pause lets Google end the utterance; a call is replaced after that.
        feed(stream, LocalSpeechServer.speech(500, 1, 2, 3));
        int finals = i;
        await().until(() -> results.finals.size() == finals);
        feed(stream, new float[1600]);
      }
      flush(stream);
    }
    assertThat(results.failures).isEmpty();
    assertThat(results.texts()).hasSize(16).containsOnly("one two three");
    assertThat(server.calls()).isEqualTo(3);
    for (int i = 0; i < 16; i++) {
      assertThat(results.finals.get(i).startMs()).isEqualTo(i * 1800L);
    }
  }

  @Test
  void sendsNoLongSilenceAndKeepsTheTimeline() throws Exception {
    Results results = new Results();
    try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), results)) {
      feed(stream, LocalSpeechServer.speech(0, 1));
      stream.skip(3600 * 16_000);
      feed(stream, LocalSpeechServer.speech(0, 2));
      flush(stream);
    }
    assertThat(results.texts()).containsExactly("one", "two");
    assertThat(results.finals.getLast().startMs()).isEqualTo(3_600_400);
  }

  @Test
  void failsByTheStatusThatGoogleGives() throws Exception {
    server.failAfterWords(1, Status.RESOURCE_EXHAUSTED);
    Results results = new Results();
    try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), results)) {
      feed(stream, LocalSpeechServer.speech(0, 1));
      stream.accept(LocalSpeechServer.speech(600, 2), 0, 6400);
      await().until(() -> !results.failures.isEmpty());
      assertThat(results.failures.getFirst()).hasMessageContaining("RESOURCE_EXHAUSTED");
      assertThat(stream.isDead()).isTrue();
      assertThat(results.finals).isEmpty();
    }
  }

  @Test
  void callsAgainWhenGoogleEndedASilentCall() throws Exception {
    server.endSilentCallsAfter(1000);
    Results results = new Results();
    try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), results)) {
      feed(stream, LocalSpeechServer.speech(900, 1));
      await().until(() -> results.finals.size() == 1);
      feed(stream, LocalSpeechServer.speech(600, 2));
      flush(stream);
    }
    assertThat(results.failures).isEmpty();
    assertThat(results.texts()).containsExactly("one", "two");
    assertThat(server.calls()).isEqualTo(2);
  }

  @Test
  void failsWhenGoogleEndedACallThatHadSpeechInIt() {
    server.failAfterWords(0, Status.OUT_OF_RANGE);
    Results results = new Results();
    try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), results)) {
      stream.accept(LocalSpeechServer.speech(600, 2), 0, 6400);
      await().until(() -> !results.failures.isEmpty());
      assertThat(results.failures.getFirst()).hasMessageContaining("OUT_OF_RANGE");
    }
  }

  @Test
  void failsWhenGoogleEndsACallWithoutAnErrorBeforeItToldWhatWasSaid() {
    server.failAfterWords(0, Status.OK);
    Results results = new Results();
    try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), results)) {
      stream.accept(LocalSpeechServer.speech(100, 2), 0, 6400);
      await().until(() -> !results.failures.isEmpty());
      assertThat(results.failures.getFirst()).hasMessageContaining("in the middle of an utterance");
    }
  }

  @Test
  void endsTheStreamWhoseListenerThrowsAndTellsItSo() {
    Results results =
        new Results() {
          @Override
          public void onHypothesis(Hypothesis hypothesis) {
            throw new IllegalStateException("a listener's bug");
          }
        };
    try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), results)) {
      float[] pcm = LocalSpeechServer.speech(600, 1);
      stream.accept(pcm, 0, pcm.length);
      await().until(() -> !results.failures.isEmpty());
      assertThat(stream.isDead()).isTrue();
      assertThat(stream.flush().toCompletableFuture()).isCompletedExceptionally();
    }
  }

  @Test
  void failsWhenACallDoesNotEndInTime() throws Exception {
    recogniser.close();
    recogniser = GoogleRecogniser.open(settings(Duration.ofSeconds(240), Duration.ofSeconds(1)));
    server.mute();
    Results results = new Results();
    try (FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), results)) {
      feed(stream, LocalSpeechServer.speech(0, 1));
      assertThatThrownBy(() -> flush(stream))
          .isInstanceOf(ExecutionException.class)
          .hasRootCauseInstanceOf(RecogniserException.class);
      await().until(() -> results.failures.size() == 1);
    }
  }

  @Test
  void failsWhenNobodyIsThere() throws IOException {
    Results results = new Results();
    // Bound and not listening: nobody else can be there either.
    try (Socket nobody = new Socket()) {
      nobody.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      recogniser.close();
      recogniser =
          GoogleRecogniser.open(GoogleSettings.plaintext("127.0.0.1:" + nobody.getLocalPort()));
      FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), results);
      stream.accept(new float[1600], 0, 1600);
      await().until(() -> !results.failures.isEmpty());
      assertThat(results.failures.getFirst()).hasMessageContaining("UNAVAILABLE");
    }
  }

  @Test
  void refusesCredentialsThatAreNone(@TempDir Path folder) throws IOException {
    assertRefused("no-such-file.json", "no-such-file.json");
    for (String content : List.of("", "secret-that-is-no-json", "[]", "{}", "{\"type\": \"x\"}")) {
      Path file = Files.writeString(folder.resolve("credentials.json"), content);
      assertRefused(file.toString(), "linescribe.providers.google.credentials");
    }
  }

  private static void assertRefused(String file, String named) {
    GoogleSettings missing =
        new GoogleSettings(
            true,
            "",
            false,
            file,
            "en-US",
            "",
            "",
            Duration.ofSeconds(240),
            Duration.ofSeconds(4),
            Duration.ofSeconds(10));
    assertThatThrownBy(() -> GoogleRecogniser.open(missing))
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("linescribe.providers.google.credentials: ")
        .hasMessageContaining(named)
        .hasMessageNotContaining("secret");
  }
}
