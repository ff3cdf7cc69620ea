package org.linescribe.api.pipeline;

import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

/**
 * A real recogniser that fails at a chosen moment: when a stream has told so many partials, and
 * from then on whenever it is asked again.
 */
final class FailingRecogniser implements Recogniser {
  private final Recogniser real;
  private final int partials;
  private final AtomicInteger heard = new AtomicInteger();
  final AtomicInteger failures = new AtomicInteger();

  FailingRecogniser(Recogniser real, int partials) {
    this.real = real;
    this.partials = partials;
  }

  @Override
  public RecogniserInfo info() {
    return real.info();
  }

  @Override
  public RecogniserLoad load() {
    return real.load();
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    if (heard.get() >= partials) {
      failures.incrementAndGet();
      throw new RecogniserException("failing, as the test asked");
    }
    return real.open(audio, options, new FailingListener(listener));
  }

  @Override
  public void close() {
    real.close();
  }

  private final class FailingListener implements RecogniserListener {
    private final RecogniserListener listener;
    private boolean dead;

    private FailingListener(RecogniserListener listener) {
      this.listener = listener;
    }

    @Override
    public void onHypothesis(Hypothesis hypothesis) {
      if (dead) {
        return;
      }
      if (heard.incrementAndGet() >= partials) {
        dead = true;
        failures.incrementAndGet();
        listener.onFailure(new RecogniserException("failing, as the test asked"));
        return;
      }
      listener.onHypothesis(hypothesis);
    }

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      if (!dead) {
        listener.onEndpoint(hypothesis, decodedToMs);
      }
    }

    @Override
    public void onFailure(RecogniserException failure) {
      if (!dead) {
        listener.onFailure(failure);
      }
    }
  }
}
