package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.media.wav.WavReader;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.WordDistance;

/** Silence, noise, tones and music give no word, and speech behind them keeps its first one. */
class NoSpeechTest {
  private static final int RATE = 8000;

  private static Recogniser recogniser;

  @BeforeAll
  static void load(@TempDir Path data) {
    recogniser =
        SherpaRecognisers.open(
            new ModelSource.Named(BundledModel.SPEECH, data),
            SherpaRecognisers.Use.defaults(),
            SchedulerSettings.defaults(),
            new SimpleMeterRegistry());
  }

  @AfterAll
  static void close() {
    recogniser.close();
  }

  static Stream<Path> recordings() throws IOException {
    try (Stream<Path> files = Files.list(ProjectFiles.nonSpeech())) {
      return files.filter(f -> f.toString().endsWith(".wav")).sorted().toList().stream();
    }
  }

  @Test
  void tellsNothingOfSoundsWithoutSpeech() throws Exception {
    List<Path> files = recordings().toList();
    assertThat(files).hasSizeGreaterThanOrEqualTo(14);
    for (Path file : files) {
      Transcript transcript = heard(pcm(file));
      assertThat(transcript.finals).as(file.getFileName().toString()).isEmpty();
      assertThat(transcript.partials).as(file.getFileName().toString()).isEmpty();
    }
  }

  @Test
  void losesNoWordOfSpeechThatFollowsSoundsWithoutSpeech() throws Exception {
    short[] ringing = pcm(ProjectFiles.nonSpeech().resolve("ringback-eu.wav"));
    short[] speech = pcm(ProjectFiles.root().resolve("test-calls/speech/ast-vm-forward.wav"));
    short[] call = Arrays.copyOf(ringing, ringing.length + speech.length);
    System.arraycopy(speech, 0, call, ringing.length, speech.length);

    Transcript transcript = heard(call);

    assertThat(
            WordDistance.between(
                "press one to enter an extension press two to use the directory",
                transcript.text().replaceAll("[.,]", "")))
        .isLessThanOrEqualTo(1);
    long begin = ringing.length * 1000L / RATE;
    assertThat(transcript.finals.getFirst().hypothesis().startMs())
        .isBetween(begin - 200, begin + 500);
  }

  private static short[] pcm(Path wav) throws IOException {
    try (WavReader reader = WavReader.open(wav)) {
      return reader.readAll(60 * RATE);
    }
  }

  private static Transcript heard(short[] pcm) throws Exception {
    Transcript transcript = new Transcript();
    try (FedStream stream =
        FedStream.open(recogniser, StreamOptions.defaults(), transcript, RATE, 0)) {
      stream.feed(pcm, 0, pcm.length);
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    }
    assertThat(transcript.failures).isEmpty();
    return transcript;
  }
}
