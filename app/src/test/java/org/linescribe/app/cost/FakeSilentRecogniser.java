package org.linescribe.app.cost;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

/** A fake: reads all audio and answers nothing, so that a call costs what is not recognition. */
final class FakeSilentRecogniser implements Recogniser {
  @Override
  public RecogniserInfo info() {
    return new RecogniserInfo("fake", "fake-silent", "und", 8000);
  }

  @Override
  public RecogniserLoad load() {
    return new RecogniserLoad(0, 0, false);
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    short[] chunk = new short[160];
    audio.onAudio(
        () -> {
          synchronized (chunk) {
            while (audio.read(chunk, chunk.length) > 0) {
              audio.hold(audio.position());
            }
          }
        });
    return new RecogniserStream() {
      @Override
      public CompletionStage<Void> flush() {
        return CompletableFuture.completedStage(null);
      }

      @Override
      public void close() {
        audio.close();
      }
    };
  }

  @Override
  public void close() {}
}
