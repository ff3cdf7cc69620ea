package org.linescribe.asr.providers;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

/** Records what a recogniser fails at, and passes everything on. Thread: any. */
final class WatchedRecogniser implements Recogniser {
  private record Failure(String words, Instant at, boolean current) {}

  private final Recogniser recogniser;
  private final Clock clock;
  private final AtomicLong failures = new AtomicLong();
  private final AtomicReference<Optional<Failure>> last = new AtomicReference<>(Optional.empty());

  WatchedRecogniser(Recogniser recogniser, Clock clock) {
    this.recogniser = recogniser;
    this.clock = clock;
  }

  Providers.State state() {
    Optional<Failure> failure = last.get();
    RecogniserLoad load = recogniser.load();
    Providers.Health health =
        failure.filter(Failure::current).isPresent()
            ? Providers.Health.FAILING
            : load.saturated() ? Providers.Health.SATURATED : Providers.Health.UP;
    return new Providers.State(
        info(),
        load,
        health,
        failures.get(),
        failure.map(Failure::words),
        failure.map(Failure::at));
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
  public boolean takesHotwords() {
    return recogniser.takesHotwords();
  }

  @Override
  public boolean prepare(String languageTag) {
    return recogniser.prepare(languageTag);
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    try {
      return recogniser.open(audio, options, new WatchingListener(listener));
    } catch (RuntimeException refused) {
      failed(refused);
      throw refused;
    }
  }

  @Override
  public void close() {
    recogniser.close();
  }

  private void failed(RuntimeException failure) {
    failures.incrementAndGet();
    last.set(Optional.of(new Failure(String.valueOf(failure.getMessage()), clock.instant(), true)));
  }

  private void worked() {
    Optional<Failure> failure = last.get();
    if (failure.isPresent() && failure.get().current()) {
      last.compareAndSet(
          failure, Optional.of(new Failure(failure.get().words(), failure.get().at(), false)));
    }
  }

  private final class WatchingListener implements RecogniserListener {
    private final RecogniserListener listener;

    private WatchingListener(RecogniserListener listener) {
      this.listener = listener;
    }

    @Override
    public void onHypothesis(Hypothesis hypothesis) {
      worked();
      listener.onHypothesis(hypothesis);
    }

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      worked();
      listener.onEndpoint(hypothesis, decodedToMs);
    }

    @Override
    public void onFailure(RecogniserException failure) {
      failed(failure);
      listener.onFailure(failure);
    }
  }
}
