package org.linescribe.api.models;

import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.sherpa.ModelSpeed;

/**
 * Measures how fast a model is on this machine; the assembly brings it, with a recording of speech.
 *
 * <p>Thread: any; blocks for seconds.
 */
@FunctionalInterface
public interface SpeedMeter {
  /**
   * @param model of the catalogue, one that is here
   * @param mayGoOn asked all the time; the measurement is broken off where it says no
   * @return empty where it was broken off
   * @throws RecogniserException when the model cannot be loaded or is too slow to be measured
   */
  Optional<ModelSpeed.Measured> measure(String model, BooleanSupplier mayGoOn)
      throws IOException, InterruptedException;
}
