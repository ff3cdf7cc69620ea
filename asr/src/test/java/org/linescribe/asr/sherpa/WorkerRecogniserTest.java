package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.utterance.UtteranceSettings;
import org.linescribe.asr.utterance.WholeDecoder;
import org.linescribe.media.g711.G711Law;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.ChildProcesses;
import org.linescribe.testsupport.WordDistance;

/** Real worker processes with the bundled models. */
class WorkerRecogniserTest {
  private static final int FRAME = 320;
  private static final String DIGITS = "telephony-digits-en";
  private static final String SPEECH = "moonshine-tiny-en";

  /** Where sentences are split off depends on which partials there was time for. */
  private static final SherpaRecognisers.Use WITHOUT_PARTIALS =
      new SherpaRecognisers.Use(
          SherpaRecognisers.Use.defaults().provider(),
          "",
          SettingsDefaults.of(
              UtteranceSettings.class, Map.of("partialInterval", Duration.ofSeconds(10))),
          false);

  private final MeterRegistry meters = new SimpleMeterRegistry();

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void readsWhatTheStreamingModelInThisProcessReads(int workers) throws Exception {
    List<HumanCalls.Call> calls = HumanCalls.all().subList(0, 4);

    assertThat(oneByOne(DIGITS, Integer.toString(workers), calls, () -> {}))
        .isEqualTo(oneByOne(DIGITS, "in-process", calls, () -> {}));
  }

  @Test
  void readsWhatTheModelOfWholeUtterancesInThisProcessReadsWhileWorkersAreKilled() {
    List<float[]> utterances =
        HumanCalls.all().subList(0, 6).stream()
            .map(call -> Arrays.copyOf(call.throughPhone(G711Law.PCMU, 0), 6 * 16_000))
            .toList();
    ChildProcesses children = new ChildProcesses();
    List<Hypothesis> here;
    try (WholeDecoder decoder = SherpaRecognisers.bareDecoder(source(SPEECH))) {
      here = utterances.stream().map(pcm -> decoder.decode(pcm, 700)).toList();
    }
    List<Hypothesis> there = new ArrayList<>();
    try (WholeDecoder decoder =
        SherpaRecognisers.wholeDecoder(source(SPEECH), settings("2"), meters)) {
      for (float[] pcm : utterances) {
        // One of the two that may be asked next.
        kill(children);
        there.add(decoder.decode(pcm, 700));
      }
      assertThat(decoder.maxMs()).isEqualTo(9100);
      assertThat(decoder.isTimed()).isFalse();
    }

    assertThat(there).isEqualTo(here);
    assertThat(here).noneMatch(Hypothesis::isEmpty);
  }

  /** Where it is cut, and so what is read, depends on when partials were decoded. */
  @Test
  void findsAndReadsUtterancesAsInThisProcessWhileWorkersAreKilled() throws Exception {
    List<HumanCalls.Call> calls = HumanCalls.all().subList(0, 4);
    ChildProcesses children = new ChildProcesses();

    List<String> here = oneByOne(SPEECH, "in-process", calls, () -> {});
    List<String> there = oneByOne(SPEECH, "2", calls, () -> kill(children));

    int different = 0;
    for (int i = 0; i < calls.size(); i++) {
      different += WordDistance.between(here.get(i), there.get(i));
    }
    System.out.printf("%s: %d words differ%n", SPEECH, different);
    assertThat(different).isLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void losesNoWordWhenWorkersAreKilledInTheMiddleOfCalls(int workers) throws Exception {
    ChildProcesses children = new ChildProcesses();
    try (Recogniser recogniser = open(DIGITS, Integer.toString(workers))) {
      List<HumanCalls.Call> calls = HumanCalls.all();
      List<Transcript> transcripts = new ArrayList<>();
      List<FedStream> streams = new ArrayList<>();
      List<short[]> audio = new ArrayList<>();
      for (HumanCalls.Call call : calls) {
        transcripts.add(new Transcript());
        streams.add(
            FedStream.open(recogniser, StreamOptions.defaults(), transcripts.getLast(), 8000, 0));
        audio.add(call.phone(G711Law.PCMU, 0));
      }
      int longest = audio.stream().mapToInt(pcm -> pcm.length).max().orElseThrow();
      int killed = 0;
      for (int at = 0; at < longest; at += FRAME) {
        // Every three seconds of the calls, in the middle of what somebody says.
        if (at % 24_000 == 12_000 / FRAME * FRAME) {
          kill(children);
          killed++;
        }
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
      for (int i = 0; i < calls.size(); i++) {
        assertThat(transcripts.get(i).failures).isEmpty();
        errors += WordDistance.between(calls.get(i).words(), transcripts.get(i).text());
      }
      System.out.printf(
          "%d workers: %d killed, %.0f streams decoded again, %d errors%n",
          workers,
          killed,
          meters.counter("linescribe.asr.workers.replayed", "model", DIGITS).count(),
          errors);
      assertThat(errors).isLessThanOrEqualTo(HumanCalls.mostErrors(G711Law.PCMU));
    }
    await().atMost(Duration.ofMinutes(1)).until(() -> children.alive().isEmpty());
  }

  private static void kill(ChildProcesses children) {
    await().atMost(Duration.ofMinutes(2)).until(() -> !children.alive().isEmpty());
    children.alive().getFirst().destroyForcibly();
  }

  private List<String> oneByOne(
      String model, String workers, List<HumanCalls.Call> calls, Runnable inTheMiddleOfEach)
      throws Exception {
    List<String> texts = new ArrayList<>();
    try (Recogniser recogniser = open(model, workers)) {
      for (HumanCalls.Call call : calls) {
        Transcript transcript = new Transcript();
        try (FedStream stream =
            FedStream.open(recogniser, StreamOptions.defaults(), transcript, 8000, 0)) {
          short[] pcm = call.phone(G711Law.PCMU, 0);
          int half = pcm.length / 2;
          stream.feed(pcm, 0, half);
          if (model.equals(SPEECH)) {
            // A stream that has caught up asks for what was said so far: in each run at this place.
            await().until(stream::isRead);
          }
          inTheMiddleOfEach.run();
          stream.feed(pcm, half, pcm.length - half);
          stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
        }
        assertThat(transcript.failures).isEmpty();
        texts.add(transcript.text());
      }
    }
    assertThat(texts).allSatisfy(text -> assertThat(text).isNotBlank());
    return texts;
  }

  private Recogniser open(String model, String workers) {
    return SherpaRecognisers.open(source(model), WITHOUT_PARTIALS, settings(workers), meters);
  }

  private static ModelSource source(String model) {
    return new ModelSource.Named(model, Path.of("none"));
  }

  private static SchedulerSettings settings(String workers) {
    return SettingsDefaults.of(SchedulerSettings.class, Map.of("workers", workers));
  }
}
