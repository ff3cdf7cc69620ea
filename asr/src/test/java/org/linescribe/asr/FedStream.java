package org.linescribe.asr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A leg with a recogniser's stream, and a test that feeds it. */
public final class FedStream implements AutoCloseable {
  /** How often space was told of. */
  public final AtomicInteger spaces = new AtomicInteger();

  private final Semaphore space = new Semaphore(0);
  private final LegAudio leg;
  private int refusedSamples;
  private final LegReader reader;
  private final RecogniserStream stream;

  private FedStream(
      Recogniser recogniser, LegAudio leg, StreamOptions options, RecogniserListener listener) {
    this.leg = leg;
    this.reader =
        leg.reader(
            leg.end(),
            () -> {
              spaces.incrementAndGet();
              space.release();
            });
    this.stream = recogniser.open(reader, options, listener);
  }

  /** On a leg of 16 kHz. */
  public static FedStream open(
      Recogniser recogniser, StreamOptions options, RecogniserListener listener) {
    return open(recogniser, options, listener, 16_000, 0);
  }

  /** On a leg that has had so much silence before. */
  public static FedStream open(
      Recogniser recogniser,
      StreamOptions options,
      RecogniserListener listener,
      int sampleRateHz,
      long startMs) {
    LegAudio leg = new LegAudio(sampleRateHz);
    leg.appendSilence(startMs * sampleRateHz / 1000, System.nanoTime());
    return new FedStream(recogniser, leg, options, listener);
  }

  /** Takes all or nothing. */
  public boolean accept(short[] pcm, int offset, int length) {
    int space = reader.space(length);
    if (space < length) {
      refusedSamples += length - space;
      return false;
    }
    leg.append(pcm, offset, length, System.nanoTime());
    return true;
  }

  /**
   * @param pcm in [-1, 1]
   */
  public boolean accept(float[] pcm, int offset, int length) {
    return accept(pcm16(pcm), offset, length);
  }

  /** Feeds as a source that can wait does. */
  public void feed(short[] pcm, int offset, int length) throws InterruptedException {
    int done = 0;
    while (done < length) {
      int count = reader.space(length - done);
      leg.append(pcm, offset + done, count, System.nanoTime());
      done += count;
      if (count == 0) {
        assertThat(space.tryAcquire(5, TimeUnit.MINUTES)).as("space comes").isTrue();
      }
    }
  }

  public void feed(float[] pcm, int offset, int length) throws InterruptedException {
    feed(pcm16(pcm), offset, length);
  }

  public void skip(int samples) {
    leg.appendSilence(samples, System.nanoTime());
  }

  public CompletionStage<Void> flush() {
    return stream.flush();
  }

  /** Samples for which there was no space. */
  public int refusedSamples() {
    return refusedSamples;
  }

  /** Silence included. */
  public long unreadMs() {
    return reader.available() * 1000 / leg.sampleRateHz();
  }

  /** Everything was read. */
  public boolean isRead() {
    return reader.available() == 0;
  }

  /** Ended, by whatever. */
  public boolean isDead() {
    return stream.flush().toCompletableFuture().isCompletedExceptionally();
  }

  /** Samples that the leg keeps in memory. */
  public int keptSamples() {
    return leg.keptSamples();
  }

  /** Lets go of what no reader holds. */
  public void settle() {
    leg.forgetBefore(leg.end());
  }

  @Override
  public void close() {
    stream.close();
  }

  private static short[] pcm16(float[] pcm) {
    short[] shorts = new short[pcm.length];
    for (int i = 0; i < pcm.length; i++) {
      shorts[i] = (short) Math.clamp(Math.round(pcm[i] * 32768f), Short.MIN_VALUE, Short.MAX_VALUE);
    }
    return shorts;
  }
}
