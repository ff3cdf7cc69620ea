package org.linescribe.asr.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.asr.RecogniserException;

/**
 * An engine whose model hears a word wherever a sample is 1, fails where one is -1, and fails to
 * decode where one is -2, and the whole batch with it. Decodes only as permits are given, and
 * complains about every misuse that the real library would not survive.
 */
final class FakeEngine implements StreamingEngine {
  static final int RATE = 16_000;
  static final int SHIFT = 1600;
  static final int FIRST = 2400;

  final Semaphore permits = new Semaphore(0);

  /** Samples that make their stream, or their batch, fail. */
  static final float POISON = -1;

  static final float UNDECODABLE = -0.5f;

  final AtomicInteger decoding = new AtomicInteger();
  final AtomicInteger open = new AtomicInteger();
  final AtomicInteger opened = new AtomicInteger();
  final AtomicInteger largestBatch = new AtomicInteger();
  final AtomicInteger failedBatches = new AtomicInteger();
  volatile boolean closed;

  FakeEngine permitted() {
    permits.release(1_000_000);
    return this;
  }

  @Override
  public int sampleRateHz() {
    return RATE;
  }

  @Override
  public Chunking chunking() {
    return new Chunking(FIRST, SHIFT);
  }

  @Override
  public EngineStream open() {
    open.incrementAndGet();
    opened.incrementAndGet();
    return new Stream();
  }

  @Override
  public void decode(List<? extends EngineStream> ready) {
    decoding.incrementAndGet();
    permits.acquireUninterruptibly();
    decoding.decrementAndGet();
    largestBatch.accumulateAndGet(ready.size(), Math::max);
    try {
      for (EngineStream stream : ready) {
        ((Stream) stream).decode();
      }
    } catch (RecogniserException failed) {
      if (ready.size() > 1) {
        failedBatches.incrementAndGet();
      }
      throw failed;
    }
  }

  @Override
  public void close() {
    closed = true;
    if (open.get() != 0) {
      throw new IllegalStateException("closed with " + open.get() + " streams open");
    }
  }

  private final class Stream implements EngineStream {
    private final List<Float> audio = new ArrayList<>();
    private final List<String> tokens = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();
    private int decoded;
    private boolean finished;
    private boolean closedStream;
    private boolean poisoned;

    @Override
    public void accept(float[] pcm, int length) {
      check(!finished && !closedStream, "accept");
      for (int i = 0; i < length; i++) {
        check(Float.isFinite(pcm[i]), "finite audio");
        audio.add(pcm[i]);
        poisoned |= pcm[i] == POISON;
      }
    }

    @Override
    public void finish() {
      finished = true;
    }

    @Override
    public boolean isReady() {
      check(!closedStream, "isReady");
      if (poisoned) {
        throw new RecogniserException("poisoned");
      }
      return finished ? audio.size() - decoded >= SHIFT : audio.size() - decoded >= FIRST;
    }

    void decode() {
      check(isReady(), "decode");
      for (int i = decoded; i < decoded + SHIFT; i++) {
        if (audio.get(i) == UNDECODABLE) {
          throw new RecogniserException("this chunk cannot be decoded");
        }
        if (audio.get(i) > 0.9f) {
          tokens.add(" W" + tokens.size());
          times.add(i * 1000L / RATE);
        }
      }
      decoded += SHIFT;
    }

    @Override
    public EngineResult result() {
      return new EngineResult(String.join("", tokens), tokens, times, List.of());
    }

    @Override
    public void close() {
      check(!closedStream, "close");
      closedStream = true;
      open.decrementAndGet();
    }

    private static void check(boolean allowed, String what) {
      if (!allowed) {
        throw new AssertionError("the real library would end the process: " + what);
      }
    }
  }
}
