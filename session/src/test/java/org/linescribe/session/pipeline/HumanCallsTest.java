package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.linescribe.session.Patience.await;
import static org.linescribe.session.pipeline.Speaker.end;
import static org.linescribe.session.pipeline.Speaker.say;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.media.wav.WavReader;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole way with the real recogniser and recordings of people. */
class HumanCallsTest {
  private static final Path CALLS =
      Path.of(System.getProperty("linescribe.root"), "..", "shared", "test-calls", "human");

  /** The bare recogniser makes 3 errors in these 132 words. */
  private static final int MOST_ERRORS = 5;

  @TempDir private Path data;

  @Test
  void wordsInTheStoreAreTheWordsAnnouncedAndTheWordsSpoken() throws Exception {
    if (!"true".equals(System.getenv("CI"))) {
      assumeTrue(Files.isDirectory(CALLS), "no human recordings at " + CALLS);
    }
    assertThat(CALLS).isDirectory();
    JsonNode manifest = JsonMapper.builder().build().readTree(CALLS.resolve("manifest.json"));
    int words = 0;
    int errors = 0;
    try (Recogniser recogniser =
            SherpaRecognisers.bundled(SchedulerSettings.defaults(), new SimpleMeterRegistry());
        SessionPipeline pipeline =
            SessionPipeline.builder()
                .recogniser("sherpa", recogniser)
                .settings(new PatientSettings().settings())
                .stores(SessionStores.embedded(data, Duration.ofSeconds(60)))
                .build()) {
      for (JsonNode call : manifest) {
        String file = call.required("file").asString();
        SessionId id = new SessionId(file.replace(".wav", ""));
        HeardSource heard = new HeardSource();
        HeardReader reader = new HeardReader();
        pipeline.subscribe(id, 1, reader);
        float[] pcm = read(CALLS.resolve(file));

        SessionSource source = pipeline.open(SourceRequest.of(id, "test"), heard);
        say(source, pcm);
        end(source);

        List<Segment> stored = pipeline.segments(id, 1, 1000);
        assertThat(stored).as(file).isEqualTo(heard.finals());
        await()
            .untilAsserted(
                () ->
                    assertThat(reader.finalNumbers())
                        .isEqualTo(stored.stream().map(Segment::seq).toList()));
        assertThat(stored)
            .allSatisfy(
                s -> {
                  assertThat(s.endMs()).isBetween(s.startMs(), pcm.length / 8L + 1);
                  assertThat(s.model()).isEqualTo("telephony-digits-en");
                });
        String[] said = call.required("words").asString().split(" ");
        String[] understood =
            stored.stream().map(Segment::text).collect(Collectors.joining(" ")).split(" ");
        words += said.length;
        errors += errors(said, understood);
      }
    }
    System.out.println("human calls through the pipeline: " + errors + " errors in " + words);
    assertThat(errors).isLessThanOrEqualTo(MOST_ERRORS);
  }

  private static float[] read(Path file) throws Exception {
    try (WavReader wav = WavReader.open(file)) {
      assertThat(wav.format().sampleRateHz()).isEqualTo(8000);
      short[] samples = wav.readAll(8000 * 600);
      float[] pcm = new float[samples.length];
      for (int i = 0; i < samples.length; i++) {
        pcm[i] = samples[i] / 32768f;
      }
      return pcm;
    }
  }

  /** Substitutions, insertions and deletions. */
  private static int errors(String[] said, String[] understood) {
    List<Integer> row = new ArrayList<>();
    for (int j = 0; j <= understood.length; j++) {
      row.add(j);
    }
    for (String word : said) {
      List<Integer> next = new ArrayList<>(List.of(row.getFirst() + 1));
      for (int j = 1; j <= understood.length; j++) {
        int substituted = row.get(j - 1) + (word.equalsIgnoreCase(understood[j - 1]) ? 0 : 1);
        next.add(
            Arrays.stream(new int[] {substituted, row.get(j) + 1, next.get(j - 1) + 1})
                .min()
                .getAsInt());
      }
      row = next;
    }
    return row.getLast();
  }
}
