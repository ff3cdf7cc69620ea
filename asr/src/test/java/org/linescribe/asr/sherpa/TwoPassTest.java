package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.WordDistance;

/** A streaming model finds the ends, a model of whole utterances writes the finals. */
class TwoPassTest {
  private static final int RATE = 16_000;

  @TempDir private Path data;

  private Recogniser open(String first, String second) {
    return SherpaRecognisers.openTwo(
        new ModelSource.Named(first, data),
        new ModelSource.Named(second, data),
        SherpaRecognisers.Use.defaults(),
        SchedulerSettings.defaults(),
        new SimpleMeterRegistry());
  }

  @Test
  void tellsFinalsOfTheSecondModelInOneOrderAndBeforeItsFlushIsComplete() throws Exception {
    Transcript transcript = new Transcript();
    HumanCalls.Call call = HumanCalls.all().getFirst();
    try (Recogniser recogniser = open(BundledModel.NAME, BundledModel.SPEECH);
        FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), transcript)) {
      for (int times = 0; times < 2; times++) {
        float[] pcm = call.throughPhone(G711Law.PCMU, 1500);
        for (int at = 0; at < pcm.length; at += RATE / 50) {
          stream.feed(pcm, at, Math.min(RATE / 50, pcm.length - at));
        }
        stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
      }
    }
    assertThat(transcript.failures).isEmpty();
    assertThat(transcript.finals).hasSizeGreaterThanOrEqualTo(2);
    // The model of digits writes no capitals and no full stops.
    assertThat(transcript.text()).containsPattern("[A-Z0-9.]");
    assertThat(transcript.finals)
        .extracting(told -> told.hypothesis().startMs())
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(transcript.finals).extracting(Transcript.Final::decodedToMs).isSorted();
    assertThat(transcript.partials).isNotEmpty();
    assertThat(WordDistance.words(transcript.text())).isNotEmpty();
  }

  @Test
  void refusesModelsOfTheOtherKind() {
    assertThatThrownBy(() -> open(BundledModel.SPEECH, BundledModel.SPEECH).close())
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("moonshine-tiny-en decodes whole utterances");
    assertThatThrownBy(() -> open(BundledModel.NAME, BundledModel.NAME).close())
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("telephony-digits-en is a streaming model");
  }
}
