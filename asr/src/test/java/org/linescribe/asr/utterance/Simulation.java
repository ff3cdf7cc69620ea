package org.linescribe.asr.utterance;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegAudio;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.SchedulerSettings;

/**
 * A recogniser of whole utterances by a clock of its own: each decoding takes what it is said to
 * cost, however quick or busy the machine is. The same calls give the same events at the same
 * times, always.
 *
 * <p>Thread: the one that made it; it takes the streams' steps too.
 */
final class Simulation implements AutoCloseable {
  private static final int FRAME_MS = 20;

  /** A real model decodes for longer than one spins. */
  private static final int SPINS = 1000;

  private static final long PARK_NS = 100_000;

  final SimulatedClock clock = new SimulatedClock();
  final UtteranceRecogniser recogniser;
  private final long beginNs = clock.getAsLong();
  private final Steps steps = new Steps();

  /**
   * @param costNs of a decoding, by its seconds of audio
   */
  Simulation(
      WholeDecoder decoder,
      VoiceActivity.Factory detectors,
      int decodeThreads,
      ToLongFunction<Double> costNs) {
    recogniser =
        new UtteranceRecogniser(
            new DecoderView(decoder) {
              @Override
              public Hypothesis decode(float[] pcm, long startMs) {
                Hypothesis heard = decoder.decode(pcm, startMs);
                clock.sleep(costNs.applyAsLong(pcm.length / (double) sampleRateHz()));
                return heard;
              }
            },
            detectors,
            null,
            new RecogniserInfo("simulated", "simulated", "en", decoder.sampleRateHz()),
            SchedulerSettings.defaults().withDecodeThreads(decodeThreads),
            UtteranceSettings.defaults(),
            clock,
            steps);
  }

  /** Time since it began. */
  long nowMs() {
    return (clock.getAsLong() - beginNs) / 1_000_000;
  }

  /** A call whose audio is given piece by piece. */
  final class Call implements AutoCloseable {
    private final LegAudio leg;
    private final LegReader reader;
    private final RecogniserStream stream;

    Call(int rateHz, RecogniserListener listener) {
      leg = new LegAudio(rateHz);
      reader = leg.reader(0, () -> {});
      stream = recogniser.open(reader, StreamOptions.defaults(), listener);
      settle();
    }

    /** What is heard now. */
    void hear(short[] pcm, int from, int samples) {
      leg.append(pcm, from, samples, clock.getAsLong());
      leg.forgetBefore(reader.held());
      settle();
    }

    /** Has everything recognised, which takes its time. */
    void flush() {
      var flushed = stream.flush().toCompletableFuture();
      while (!flushed.isDone()) {
        run(FRAME_MS);
      }
    }

    @Override
    public void close() {
      stream.close();
      settle();
    }
  }

  /** Plays audio to a call as fast as it is spoken. */
  void play(Call call, short[] pcm, int rateHz) {
    int frame = rateHz * FRAME_MS / 1000;
    for (int at = 0; at < pcm.length; at += frame) {
      run(FRAME_MS);
      call.hear(pcm, at, Math.min(frame, pcm.length - at));
    }
  }

  /** Lets time pass. */
  void run(long ms) {
    long toNs = clock.getAsLong() + TimeUnit.MILLISECONDS.toNanos(ms);
    settle();
    while (clock.wakeNext(toNs)) {
      settle();
    }
    clock.moveTo(toNs);
    settle();
  }

  /** Takes steps until nothing happens any more unless time passes. */
  private void settle() {
    for (int waited = 0; ; waited++) {
      Runnable step = steps.waiting.poll();
      if (step != null) {
        step.run();
        waited = 0;
      } else if (recogniser.queue().isSettled(clock.sleeping()) && steps.waiting.isEmpty()) {
        return;
      } else if (waited < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PARK_NS);
      }
    }
  }

  @Override
  public void close() {
    clock.stop();
    recogniser.close();
  }

  /** Keeps the streams' steps for who takes them. */
  private static final class Steps extends AbstractExecutorService {
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private volatile boolean shutDown;

    @Override
    public void execute(Runnable step) {
      waiting.add(step);
    }

    @Override
    public void shutdown() {
      shutDown = true;
      for (Runnable step = waiting.poll(); step != null; step = waiting.poll()) {
        step.run();
      }
    }

    @Override
    public List<Runnable> shutdownNow() {
      shutdown();
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return shutDown;
    }

    @Override
    public boolean isTerminated() {
      return shutDown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }
}
