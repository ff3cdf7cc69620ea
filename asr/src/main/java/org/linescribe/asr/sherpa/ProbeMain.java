package org.linescribe.asr.sherpa;

import java.util.List;
import java.util.Random;
import org.linescribe.asr.worker.ChildJvm;

/**
 * Loads a model and decodes a second of noise and a second of silence, in a process of its own: the
 * library ends the process when the model is unsound. Says on standard output how far it came, and
 * ends when its parent is gone.
 */
final class ProbeMain {
  static final String LOADING = "probe: loading";
  static final String DECODING = "probe: decoding";
  static final String SOUND = "probe: sound";

  /** The status of one whose parent is gone. */
  static final int ORPHANED = 3;

  private ProbeMain() {}

  /** Arguments: a model's, as {@link ModelFiles#arguments} gives them. */
  public static void main(String[] args) {
    ChildJvm.endWithParent(() -> {}, ORPHANED);
    ModelFiles model = ModelFiles.of(List.of(args));
    say(LOADING);
    if (model.type().isStreaming()) {
      try (SherpaEngine engine = SherpaEngine.load(model)) {
        say(DECODING);
        decode(engine);
      }
    } else {
      try (OfflineSherpaRecogniser recogniser = new OfflineSherpaRecogniser(model)) {
        say(DECODING);
        recogniser.decode(noise(model.sampleRateHz()), 0);
        recogniser.decode(new float[model.sampleRateHz()], 0);
      }
    }
    say(SOUND);
  }

  private static void decode(SherpaEngine engine) {
    int second = engine.sampleRateHz();
    try (SherpaStream stream = engine.open()) {
      stream.accept(noise(second), second);
      stream.accept(new float[second], second);
      stream.finish();
      while (stream.isReady()) {
        engine.decode(List.of(stream));
      }
      stream.result();
    }
  }

  private static float[] noise(int samples) {
    float[] pcm = new float[samples];
    Random random = new Random(1);
    for (int i = 0; i < samples; i++) {
      pcm[i] = (float) (0.1 * random.nextGaussian());
    }
    return pcm;
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
