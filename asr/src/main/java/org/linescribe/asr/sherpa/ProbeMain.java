package org.linescribe.asr.sherpa;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.linescribe.asr.catalogue.ModelType;

/**
 * Loads a model and decodes a second of noise and a second of silence, in a process of its own: the
 * library ends the process when the model is unsound. Says on standard output how far it came.
 */
final class ProbeMain {
  static final String LOADING = "probe: loading";
  static final String DECODING = "probe: decoding";
  static final String SOUND = "probe: sound";

  private ProbeMain() {}

  /** Arguments: type, rate in Hz, decoding method, tokens file, then role=file. */
  public static void main(String[] args) {
    Map<String, Path> files = new HashMap<>();
    for (String argument : List.of(args).subList(4, args.length)) {
      int equals = argument.indexOf('=');
      files.put(argument.substring(0, equals), Path.of(argument.substring(equals + 1)));
    }
    OnlineModelFiles model =
        new OnlineModelFiles(
            ModelType.valueOf(args[0]),
            files,
            Path.of(args[3]),
            Integer.parseInt(args[1]),
            args[2]);
    say(LOADING);
    try (SherpaEngine engine = SherpaEngine.load(model, 0)) {
      say(DECODING);
      decode(engine);
    }
    say(SOUND);
  }

  private static void decode(SherpaEngine engine) {
    int second = engine.sampleRateHz();
    float[] pcm = new float[second];
    try (SherpaStream stream = engine.open()) {
      Random random = new Random(1);
      for (int i = 0; i < second; i++) {
        pcm[i] = (float) (0.1 * random.nextGaussian());
      }
      stream.accept(pcm, second);
      stream.accept(new float[second], second);
      stream.finish();
      while (stream.isReady()) {
        engine.decode(List.of(stream));
      }
      stream.result();
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
