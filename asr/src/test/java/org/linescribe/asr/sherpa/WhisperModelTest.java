package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.Token;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.utterance.WholeDecoder;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;

/**
 * A real Whisper whose decoder shows its attention, where LINESCRIBE_WHISPER names its folder: the
 * project has none, because the smallest of them is larger than all of its other models.
 */
@NeedsTool(Tool.WHISPER)
class WhisperModelTest {
  private static final int RATE = 16_000;

  @TempDir private Path data;
  private ModelSource model;

  @BeforeEach
  void find() {
    model = new ModelSource.Directory(Path.of(System.getenv("LINESCRIBE_WHISPER")), data);
  }

  @Test
  void tellsWhenEachTokenWasSaid() {
    HumanCalls.Call call = HumanCalls.all().getFirst();
    float[] pcm = call.throughPhone(G711Law.PCMU, 1000);
    try (WholeDecoder decoder = SherpaRecognisers.bareDecoder(model)) {
      Hypothesis heard = decoder.decode(Arrays.copyOf(pcm, 5 * RATE), 1000);

      assertThat(heard.language()).contains("en");
      assertThat(heard.tokens()).extracting(Token::startMs).isSorted();
      assertThat(heard.tokens().getFirst().startMs())
          .isLessThan(heard.tokens().getLast().startMs());
      assertThat(String.join("", heard.tokens().stream().map(Token::text).toList()).strip())
          .isEqualTo(heard.text());
    }
  }

  @Test
  void servesACallWithItsLanguageAndTheTimesOfItsWords() throws Exception {
    Transcript transcript = new Transcript();
    try (Recogniser recogniser =
            SherpaRecognisers.open(
                model,
                SherpaRecognisers.Use.defaults(),
                SchedulerSettings.defaults(),
                new SimpleMeterRegistry());
        FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), transcript)) {
      float[] pcm = HumanCalls.all().getFirst().throughPhone(G711Law.PCMU, 1500);
      for (int at = 0; at < pcm.length; at += RATE / 50) {
        stream.feed(pcm, at, Math.min(RATE / 50, pcm.length - at));
      }
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    }
    assertThat(transcript.failures).isEmpty();
    List<Hypothesis> finals = transcript.finals.stream().map(Transcript.Final::hypothesis).toList();
    assertThat(finals).isNotEmpty();
    for (Hypothesis told : finals) {
      assertThat(told.language()).contains("en");
      assertThat(told.tokens()).extracting(Token::startMs).isSorted();
      assertThat(told.tokens().getFirst().startMs()).isBetween(told.startMs() - 700, told.endMs());
    }
  }
}
