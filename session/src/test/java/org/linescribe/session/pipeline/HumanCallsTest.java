package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.session.pipeline.Speaker.end;
import static org.linescribe.session.pipeline.Speaker.say;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.WordDistance;

/** The whole way with the real recogniser and recordings of people. */
class HumanCallsTest {
  @TempDir private Path data;

  @Test
  void wordsInTheStoreAreTheWordsAnnouncedAndTheWordsSpoken() throws Exception {
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
      for (HumanRecording call : HumanRecording.all()) {
        String file = call.name();
        SessionId id = new SessionId(file.replace(".wav", ""));
        CapturingListener received = new CapturingListener();
        CapturingReader reader = new CapturingReader();
        pipeline.subscribe(id, 1, reader);
        short[] pcm = call.pcm();

        SessionSource source = pipeline.open(SourceRequest.of(id, "test"), received);
        say(source, pcm);
        end(source);

        List<Segment> stored = pipeline.segments(id, 1, 1000);
        assertThat(stored).as(file).isEqualTo(received.finals());
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
        words += WordDistance.words(call.words()).size();
        errors += call.errors(stored.stream().map(Segment::text).collect(Collectors.joining(" ")));
      }
    }
    System.out.println("human calls through the pipeline: " + errors + " errors in " + words);
    assertThat(errors).isLessThanOrEqualTo(HumanRecording.MOST_ERRORS);
  }
}
