package org.linescribe.asr.sherpa;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.utterance.TurnModel;

/**
 * The bundled Smart Turn: hears the last eight seconds. Its card is beside the model.
 *
 * <p>Thread: any.
 */
final class SmartTurn implements TurnModel {
  private static final String FILE = "smart-turn-v3.2-cpu.onnx";
  private static final int SAMPLES = 8 * SAMPLE_RATE_HZ;
  private static final long FRAMES = 800;

  private final OnnxSession session;

  SmartTurn() {
    try {
      session =
          new OnnxSession(
              BundledModel.directory(BundledModel.END_OF_TURN).resolve(FILE),
              "input_features",
              "logits");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public double finished(float[] pcm) {
    float[] last = new float[SAMPLES];
    int count = Math.min(pcm.length, SAMPLES);
    System.arraycopy(pcm, pcm.length - count, last, SAMPLES - count, count);
    float[] features = WhisperFeatures.of(last);
    return session.run(features, new long[] {1, WhisperFeatures.BANDS, FRAMES}, 1)[0];
  }

  @Override
  public void close() {
    session.close();
  }
}
