package org.linescribe.session.pipeline;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.session.SessionSource;
import org.linescribe.testsupport.Patience;

/**
 * Writes a test's words to the first leg of a source in frames of 20 ms, and waits while it is
 * full.
 */
final class Speaker {
  private static final int FRAME_SAMPLES = 160;

  private Speaker() {}

  static void say(SessionSource source, short[]... parts) {
    short[] pcm = CodedSpeech.join(parts);
    for (int at = 0; at < pcm.length; at += FRAME_SAMPLES) {
      int from = at;
      int count = Math.min(FRAME_SAMPLES, pcm.length - at);
      AtomicInteger written = new AtomicInteger(source.write(0, pcm, from, count));
      if (written.get() < count) {
        await()
            .pollInterval(Duration.ofMillis(1))
            .until(
                () ->
                    written.addAndGet(
                            source.write(0, pcm, from + written.get(), count - written.get()))
                        == count);
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
    stage.toCompletableFuture().get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);
  }
}
