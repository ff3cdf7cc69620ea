package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.SpokenLanguages;
import org.linescribe.asr.scheduler.StreamingEngine.EngineResult;
import org.linescribe.media.g711.G711Law;

/** Results that are not read from the library because its last chunk added nothing. */
class UnreadResultTest {
  /** As a worker process does that takes over from a dead one. */
  @Test
  void resultThatIsReadAfterManyChunksIsWhole() throws IOException {
    ModelDescription bundled = ModelCatalogue.bundled().require(BundledModel.NAME);
    Path folder = BundledModel.directory();
    ModelFiles files = ModelFiles.of(bundled, folder, "", SpokenLanguages.of(bundled, folder));
    HumanCalls.Call call = HumanCalls.all().getFirst();
    float[] audio = call.throughPhone(G711Law.PCMU, 1000);
    try (SherpaEngine engine = SherpaEngine.load(files);
        SherpaStream stream = engine.open()) {
      stream.accept(audio, audio.length);
      while (stream.isReady()) {
        engine.decode(List.of(stream));
      }

      assertThat(stream.isEndpoint()).isTrue();
      assertThat(stream.result().tokens()).isNotEmpty();
    }
  }

  @Test
  void resultsAreThoseOfReadingEachOnTheHumanRecordings() throws IOException {
    ModelDescription bundled = ModelCatalogue.bundled().require(BundledModel.NAME);
    Path folder = BundledModel.directory();
    ModelFiles files = ModelFiles.of(bundled, folder, "", SpokenLanguages.of(bundled, folder));
    int chunks = 0;
    int unread = 0;
    try (SherpaEngine engine = SherpaEngine.load(files);
        SherpaEngine reading = SherpaEngine.readingAll(files)) {
      for (HumanCalls.Call call : HumanCalls.all()) {
        float[] audio = call.throughPhone(G711Law.PCMU, 1000);
        try (SherpaStream stream = engine.open();
            SherpaStream read = reading.open()) {
          for (int at = 0; at + 160 <= audio.length; at += 160) {
            float[] frame = Arrays.copyOfRange(audio, at, at + 160);
            stream.accept(frame, 160);
            read.accept(frame, 160);
            if (at + 320 > audio.length) {
              stream.finish();
              read.finish();
            }
            while (read.isReady()) {
              reading.decode(List.of(read));
              engine.decode(List.of(stream));
              EngineResult result = stream.result();
              assertThat(result).as(call.file()).isEqualTo(read.result());
              chunks++;
              unread += stream.isEndpoint() ? 1 : 0;
            }
          }
        }
      }
    }
    System.out.println(unread + " of " + chunks + " results were not read");
    assertThat(unread).isGreaterThan(chunks / 5);
  }
}
