package org.linescribe.bench.asr;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;

/** Keeps the finals of a stream, which is what is measured; prints why the stream failed. */
class Finals implements RecogniserListener {
  final List<Hypothesis> told = new CopyOnWriteArrayList<>();
  volatile boolean failed;

  @Override
  public void onHypothesis(Hypothesis hypothesis) {}

  @Override
  public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
    told.add(hypothesis);
  }

  @Override
  public void onFailure(RecogniserException failure) {
    failed = true;
    System.err.println(failure.getMessage());
  }

  String text() {
    return told.stream().map(Hypothesis::text).collect(Collectors.joining(" "));
  }
}
