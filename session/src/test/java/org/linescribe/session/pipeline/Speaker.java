package org.linescribe.session.pipeline;

import static org.linescribe.session.Patience.PATIENCE;
import static org.linescribe.session.Patience.await;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.linescribe.session.SessionSource;

/** What a test says into the first leg of a source, in frames of 20 ms, waiting for room. */
final class Speaker {
  private static final int FRAME_SAMPLES = 160;

  private Speaker() {}

  static void say(SessionSource source, float[]... parts) {
    float[] pcm = CodedSpeech.join(parts);
    for (int at = 0; at < pcm.length; at += FRAME_SAMPLES) {
      int from = at;
      int count = Math.min(FRAME_SAMPLES, pcm.length - at);
      if (!source.accept(0, pcm, from, count)) {
        await().pollInterval(Duration.ofMillis(1)).until(() -> source.accept(0, pcm, from, count));
      }
    }
  }

  /** Each word becomes an utterance of its own. */
  static void utter(SessionSource source, int firstWord, int lastWord) throws Exception {
    for (int word = firstWord; word <= lastWord; word++) {
      say(source, CodedSpeech.words(word));
      done(source.flush());
    }
  }

  static void end(SessionSource source) throws Exception {
    done(source.end("bye"));
  }

  static void done(CompletionStage<Void> stage) throws Exception {
    stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
