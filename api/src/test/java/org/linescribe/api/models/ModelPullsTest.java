package org.linescribe.api.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.ModelPuller;

/** A download that ends in an error of the JVM. */
class ModelPullsTest {
  private static final ModelDescription MODEL =
      ModelCatalogue.bundled().require("sherpa-onnx-lstm-en-2023-02-17");

  @Test
  void anErrorEndsTheDownloadAndLetsTheNextOneIn() {
    AtomicInteger pulled = new AtomicInteger();
    ModelPulls pulls =
        new ModelPulls(
            (_, _, progress) -> {
              progress.at(10, 100);
              if (pulled.incrementAndGet() == 1) {
                throw new OutOfMemoryError("Java heap space, says the test");
              }
            },
            new ModelPullSettings(""));

    pulls.begin(MODEL, new ModelPuller.Trust.FirstUse());
    await()
        .until(
            () -> pulls.newest(MODEL.name()).orElseThrow().state().equals(ModelPulls.State.FAILED));
    assertThat(pulls.newest(MODEL.name()).orElseThrow().error()).contains("Java heap space");
    pulls.begin(MODEL, new ModelPuller.Trust.FirstUse());

    await()
        .until(
            () -> pulls.newest(MODEL.name()).orElseThrow().state().equals(ModelPulls.State.DONE));
  }
}
