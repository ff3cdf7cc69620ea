package org.linescribe.bench.asr;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.linescribe.asr.Hotwords;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.BatchingRecogniser;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.scheduler.StreamingEngine;
import org.linescribe.asr.sherpa.SherpaRecognisers;

/**
 * A streaming model with its scheduler, and for each hypothesis the native call that it came from
 * and for each endpoint when it was decided, by {@link System#nanoTime}.
 *
 * <p>A listener is called by the thread that decoded, after its call: that thread's last call is
 * the hypothesis's.
 */
final class TimedRecogniser implements Recogniser {
  /** A native call. */
  record Decode(long startNs, long endNs) {
    long ns() {
      return endNs - startNs;
    }
  }

  /** What is known of a stream, by the end of the audio that a hypothesis is based on, in ms. */
  static final class Times {
    final Map<Long, Decode> hypotheses = new ConcurrentHashMap<>();
    final Map<Long, Long> endpoints = new ConcurrentHashMap<>();
  }

  private final ThreadLocal<Decode> last = new ThreadLocal<>();
  private final Recogniser recogniser;
  private final StreamingEngine.Chunking chunking;

  /** Of the stream that is opened next, set by whoever opens it. */
  volatile Times next = new Times();

  TimedRecogniser(ModelSource model, SchedulerSettings settings, MeterRegistry meters) {
    StreamingEngine engine = SherpaRecognisers.engine(model);
    chunking = engine.chunking();
    recogniser =
        new BatchingRecogniser(
            new TimedEngine(engine), SherpaRecognisers.describe(model), settings, meters);
  }

  /** Audio behind what a hypothesis is based on that was needed for it, in ms. */
  long lookAheadMs() {
    return (chunking.firstSamples() - chunking.shiftSamples()) * 1000L / info().sampleRateHz();
  }

  @Override
  public RecogniserInfo info() {
    return recogniser.info();
  }

  @Override
  public RecogniserLoad load() {
    return recogniser.load();
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    Times times = next;
    return recogniser.open(
        audio,
        options,
        new RecogniserListener() {
          @Override
          public void onHypothesis(Hypothesis hypothesis) {
            times.hypotheses.put(hypothesis.endMs(), last.get());
            listener.onHypothesis(hypothesis);
          }

          @Override
          public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
            times.endpoints.put(hypothesis.endMs(), System.nanoTime());
            listener.onEndpoint(hypothesis, decodedToMs);
          }

          @Override
          public void onFailure(RecogniserException failure) {
            listener.onFailure(failure);
          }
        });
  }

  @Override
  public void close() {
    recogniser.close();
  }

  private final class TimedEngine implements StreamingEngine {
    private final StreamingEngine engine;

    TimedEngine(StreamingEngine engine) {
      this.engine = engine;
    }

    @Override
    public int sampleRateHz() {
      return engine.sampleRateHz();
    }

    @Override
    public Chunking chunking() {
      return engine.chunking();
    }

    @Override
    public EngineStream open() {
      return engine.open();
    }

    @Override
    public EngineStream open(Hotwords hotwords) {
      return engine.open(hotwords);
    }

    @Override
    public void decode(List<? extends EngineStream> ready) {
      long startNs = System.nanoTime();
      engine.decode(ready);
      last.set(new Decode(startNs, System.nanoTime()));
    }

    @Override
    public void close() {
      engine.close();
    }
  }
}
