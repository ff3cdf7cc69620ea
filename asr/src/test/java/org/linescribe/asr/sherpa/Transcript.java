package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;

/** Keeps all that a stream said. */
class Transcript implements RecogniserListener {
  /** A final and the position that came with it. */
  record Final(Hypothesis hypothesis, long decodedToMs) {}

  final List<Hypothesis> partials = new CopyOnWriteArrayList<>();
  final List<Final> finals = new CopyOnWriteArrayList<>();
  private final Semaphore writable = new Semaphore(0);
  final List<RecogniserException> failures = new CopyOnWriteArrayList<>();

  @Override
  public void onHypothesis(Hypothesis hypothesis) {
    partials.add(hypothesis);
  }

  @Override
  public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
    finals.add(new Final(hypothesis, decodedToMs));
  }

  @Override
  public void onWritable() {
    writable.release();
  }

  /** Feeds as a source that can wait does. */
  void feed(RecogniserStream stream, float[] pcm, int offset, int length)
      throws InterruptedException {
    while (!stream.accept(pcm, offset, length)) {
      assertThat(writable.tryAcquire(5, TimeUnit.MINUTES)).as("onWritable comes").isTrue();
    }
  }

  @Override
  public void onFailure(RecogniserException failure) {
    failures.add(failure);
  }

  String text() {
    return String.join(" ", finals.stream().map(f -> f.hypothesis().text()).toList());
  }
}
