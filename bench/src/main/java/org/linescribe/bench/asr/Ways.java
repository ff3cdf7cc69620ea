package org.linescribe.bench.asr;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.scheduler.StreamingEngine;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.asr.utterance.UtteranceSettings;

/** The ways that are compared for a model, in the order in which they are printed. */
final class Ways {
  /** Index of the bare loop in batches. */
  static final int BATCHED = 1;

  private static final int BATCH = 16;

  /** Frames of 20 ms after which the bare loop resets its streams. */
  private static final int RESET_FRAMES = 500;

  private Ways() {}

  static List<PipelineThroughput.Way> of(ModelSource model, Tape tape, Path data) throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    Recogniser recogniser =
        SherpaRecognisers.open(
            model, finalsOnly(), SchedulerSettings.defaults().withDecodeThreads(1), meters);
    boolean isStreaming = meters.find("linescribe.asr.batch.size").summary() != null;
    List<PipelineThroughput.Way> ways = new ArrayList<>();
    if (isStreaming) {
      StreamingEngine engine = SherpaRecognisers.bare(model);
      ways.add(new Bare(engine, tape, 1));
      ways.add(new Bare(engine, tape, BATCH));
    } else {
      ways.add(new BareUtterances(model, tape, false));
      ways.add(new BareUtterances(model, tape, true));
    }
    int aheadMs = isStreaming ? AHEAD_MS : ALWAYS_AHEAD_MS;
    ways.add(new Scheduled(recogniser, meters, tape, aheadMs));
    ways.add(new Whole(recogniser, tape, 16_000, aheadMs, data.resolve("16k")));
    ways.add(new Whole(recogniser, tape, 8000, aheadMs, data.resolve("8k")));
    return ways;
  }

  /** A whole-utterance model has no time for partials at a machine's limit. */
  private static SherpaRecognisers.Use finalsOnly() {
    UtteranceSettings defaults = UtteranceSettings.defaults();
    return new SherpaRecognisers.Use(
        SherpaRecognisers.PROVIDER,
        "",
        new UtteranceSettings(
            Duration.ofSeconds(10), defaults.window(), defaults.speechThreshold(), false),
        false);
  }

  /**
   * The streaming model's own loop: audio, whether it is enough, a decode, the result. A result
   * that grew for as long as the stream would cost more with each chunk: native streams are
   * replaced, as a program resets them at the end of an utterance, and nothing is decoded again for
   * it.
   */
  private static final class Bare implements PipelineThroughput.Way {
    private final StreamingEngine engine;
    private final Tape tape;
    private final int batch;
    private final List<EngineStream> ready = new ArrayList<>();
    private long decoded;
    private long tokens;

    Bare(StreamingEngine engine, Tape tape, int batch) {
      this.engine = engine;
      this.tape = tape;
      this.batch = batch;
    }

    @Override
    public String name() {
      return batch == 1 ? "bare, one by one" : "bare, batches of " + batch;
    }

    @Override
    public void run() {
      decoded = 0;
      tokens = 0;
      List<EngineStream> open = new ArrayList<>();
      for (int i = 0; i < tape.streams(); i++) {
        open.add(engine.open());
      }
      int frame = engine.sampleRateHz() / 50;
      float[] part = new float[frame];
      for (int i = 0; i < tape.frames(); i++) {
        if (i % RESET_FRAMES == RESET_FRAMES - 1) {
          for (EngineStream stream : open) {
            tokens += stream.result().tokens().size();
            stream.close();
          }
          open.replaceAll(_ -> engine.open());
        }
        for (int stream = 0; stream < open.size(); stream++) {
          System.arraycopy(
              tape.floats16k(), tape.at(stream, i, engine.sampleRateHz()), part, 0, frame);
          open.get(stream).accept(part, frame);
        }
        decodeReady(open);
      }
      // What comes behind the last word, as whoever wants it must.
      float[] silence = new float[engine.sampleRateHz() * 660 / 1000];
      for (EngineStream stream : open) {
        stream.accept(silence, silence.length);
        stream.finish();
      }
      while (decodeReady(open)) {
        // Until nothing is left.
      }
      for (EngineStream stream : open) {
        tokens += stream.result().tokens().size();
        stream.close();
      }
    }

    private boolean decodeReady(List<EngineStream> open) {
      ready.clear();
      for (EngineStream stream : open) {
        if (stream.isReady()) {
          ready.add(stream);
        }
      }
      for (int from = 0; from < ready.size(); from += batch) {
        List<EngineStream> together = ready.subList(from, Math.min(ready.size(), from + batch));
        engine.decode(together);
        together.forEach(EngineStream::result);
        decoded += together.size();
      }
      return !ready.isEmpty();
    }

    @Override
    public String done() {
      return decoded + " chunks, " + tokens + " tokens";
    }

    @Override
    public void close() {
      if (batch > 1) {
        engine.close();
      }
    }
  }

  /** Audio that waits for a streaming model: calls are in real time. */
  private static final int AHEAD_MS = 500;

  /**
   * For one of whole utterances, which uses a pause that it has time in to decode what may be the
   * end: at its limit there is always more to read, and it decodes each utterance once.
   */
  private static final int ALWAYS_AHEAD_MS = 8000;

  static final Duration PAUSE = Duration.ofMillis(1);
}
