package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.Token;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.WordDistance;

/** Real recordings through the real model: what the scheduler makes of them. */
class SchedulerAccuracyTest {
  private static final int FRAME = 320;

  @ParameterizedTest
  @EnumSource(G711Law.class)
  void addsNoErrorsToTheBareRecognisersWithTwelveStreamsAtOnce(G711Law law) throws Exception {
    Outcome outcome = recognise(law, 800, SchedulerSettings.defaults());

    System.out.printf("%s, 800 ms: %d errors in %d words%n", law, outcome.errors, outcome.words);
    assertThat(outcome.words).isEqualTo(132);
    assertThat(outcome.errors).isLessThanOrEqualTo(HumanCalls.mostErrors(law));
  }

  @ParameterizedTest
  @CsvSource({"PCMU, 200", "PCMU, 400", "PCMA, 200", "PCMA, 400", "PCMU, 1500", "PCMU, 5000"})
  void neitherLosesNorDoublesWordsWhateverTheEndpointSilence(G711Law law, int silenceMs)
      throws Exception {
    Outcome outcome = recognise(law, silenceMs, SchedulerSettings.defaults());

    System.out.printf(
        "%s, %d ms: %d errors in %d words, %d utterances%n",
        law, silenceMs, outcome.errors, outcome.words, outcome.utterances);
    assertThat(outcome.errors).isLessThanOrEqualTo(HumanCalls.mostErrors(law));
  }

  @Test
  void splitsLongUtterancesBetweenWordsWithoutLossOrRepetition() throws Exception {
    SchedulerSettings defaults = SchedulerSettings.defaults();
    SchedulerSettings fiveSeconds =
        new SchedulerSettings(
            defaults.decodeThreads(),
            defaults.maxBatch(),
            defaults.maxWait(),
            defaults.queueBound(),
            Duration.ofSeconds(5),
            defaults.idleRenewal(),
            defaults.saturationBacklog(),
            defaults.workers());

    Outcome whole = recognise(G711Law.PCMA, 10_000, defaults);
    Outcome split = recognise(G711Law.PCMA, 10_000, fiveSeconds);

    System.out.printf("whole %s, split at 5 s %s%n", whole, split);
    assertThat(whole.utterances).isEqualTo(12);
    assertThat(split.utterances).isGreaterThan(20);
    assertThat(split.errors).isLessThanOrEqualTo(whole.errors + 2);
  }

  private record Outcome(int words, int errors, int utterances) {}

  private static Outcome recognise(G711Law law, int silenceMs, SchedulerSettings settings)
      throws Exception {
    List<HumanCalls.Call> calls = HumanCalls.all();
    StreamOptions options = new StreamOptions(Duration.ofMillis(silenceMs), Optional.empty());
    try (Recogniser recogniser = SherpaRecognisers.bundled(settings, new SimpleMeterRegistry())) {
      List<Transcript> transcripts = new ArrayList<>();
      List<FedStream> streams = new ArrayList<>();
      List<short[]> audio = new ArrayList<>();
      for (HumanCalls.Call call : calls) {
        transcripts.add(new Transcript());
        streams.add(FedStream.open(recogniser, options, transcripts.getLast(), 8000, 0));
        audio.add(call.phone(law, 0));
      }
      int longest = audio.stream().mapToInt(a -> a.length).max().orElseThrow();
      for (int at = 0; at < longest; at += FRAME) {
        for (int i = 0; i < calls.size(); i++) {
          int length = Math.min(FRAME, audio.get(i).length - at);
          if (length > 0) {
            streams.get(i).feed(audio.get(i), at, length);
          }
        }
      }
      for (FedStream stream : streams) {
        stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
        stream.close();
      }
      int errors = 0;
      int words = 0;
      int utterances = 0;
      for (int i = 0; i < calls.size(); i++) {
        Transcript transcript = transcripts.get(i);
        assertThat(transcript.failures).isEmpty();
        assertInOrder(transcript);
        words += WordDistance.words(calls.get(i).words()).size();
        int wrong = WordDistance.between(calls.get(i).words(), transcript.text());
        errors += wrong;
        utterances += transcript.finals.size();
      }
      return new Outcome(words, errors, utterances);
    }
  }

  private static void assertInOrder(Transcript transcript) {
    long accountedMs = 0;
    for (Transcript.Final last : transcript.finals) {
      Hypothesis heard = last.hypothesis();
      assertThat(heard.text()).isNotBlank();
      assertThat(heard.startMs()).isGreaterThanOrEqualTo(accountedMs);
      assertThat(heard.endMs()).isEqualTo(last.decodedToMs());
      assertThat(heard.tokens()).extracting(Token::startMs).isSorted();
      assertThat(heard.tokens())
          .allSatisfy(token -> assertThat(token.probability()).isBetween(0.0, 1.0));
      accountedMs = last.decodedToMs();
    }
  }
}
