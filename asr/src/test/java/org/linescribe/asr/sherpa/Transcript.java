package org.linescribe.asr.sherpa;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;

/** Keeps all that a stream said. */
class Transcript implements RecogniserListener {
  /** A final and the position that came with it. */
  record Final(Hypothesis hypothesis, long decodedToMs) {}

  final List<Hypothesis> partials = new CopyOnWriteArrayList<>();
  final List<Final> finals = new CopyOnWriteArrayList<>();
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
  public void onFailure(RecogniserException failure) {
    failures.add(failure);
  }

  String text() {
    return String.join(" ", finals.stream().map(f -> f.hypothesis().text()).toList());
  }
}
