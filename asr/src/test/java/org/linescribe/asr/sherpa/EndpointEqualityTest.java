package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.SpokenLanguages;
import org.linescribe.asr.scheduler.EndpointDecisions;
import org.linescribe.asr.scheduler.StreamingEngine.EngineResult;
import org.linescribe.media.g711.G711Law;

class EndpointEqualityTest {
  @Test
  void decidesAtTheSameChunksAsTheLibraryOnTheHumanRecordings() throws IOException {
    ModelDescription bundled = ModelCatalogue.bundled().require(BundledModel.NAME);
    Path folder = BundledModel.directory();
    ModelFiles files = ModelFiles.of(bundled, folder, "", SpokenLanguages.of(bundled, folder));
    int endpoints = 0;
    // A hair less than 0.8: the library multiplies 80 frames by 0.01f, and gets less than 0.8f.
    try (SherpaEngine engine = SherpaEngine.withEndpoints(files, 0.7999f)) {
      for (HumanCalls.Call call : HumanCalls.all()) {
        List<Integer> theirs = new ArrayList<>();
        List<Integer> ours = new ArrayList<>();
        float[] audio = call.throughPhone(G711Law.PCMU, 1000);
        try (SherpaStream stream = engine.open()) {
          EndpointDecisions decisions = new EndpointDecisions(800);
          int chunk = 0;
          boolean inSilence = false;
          for (int at = 0; at + 160 <= audio.length; at += 160) {
            stream.accept(Arrays.copyOfRange(audio, at, at + 160), 160);
            while (stream.isReady()) {
              engine.decode(List.of(stream));
              chunk++;
              EngineResult result = stream.result();
              long decodedMs = chunk * 1000L * engine.chunking().shiftSamples() / 16_000;
              // The library says yes as long as the silence lasts; an endpoint is the first yes.
              boolean yes = !result.tokens().isEmpty() && stream.isEndpoint();
              if (yes && !inSilence) {
                theirs.add(chunk);
              }
              inSilence = yes;
              if (decisions.endsAt(result, decodedMs)) {
                ours.add(chunk);
              }
            }
          }
        }
        assertThat(ours).as(call.file()).isEqualTo(theirs);
        endpoints += ours.size();
      }
    }
    assertThat(endpoints).isGreaterThan(12);
  }
}
