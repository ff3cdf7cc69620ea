package org.linescribe.bench.load;

/**
 * How far behind its words a transcript appears.
 *
 * <p>Per recording: from the begin of its first word to the first partial with text, and from the
 * end of its last word to the final that follows. Both hold the model's look-ahead, the second the
 * silence by which the end of an utterance is known (800 ms).
 *
 * <p>Thread: the socket's.
 */
final class Progress {
  private final Speech speech;
  private final Figures figures;
  private final long startNs;
  private int phrase;
  private boolean partialSeen;
  private long finals;

  /**
   * @param startNs when the first frame began to be spoken
   */
  Progress(Speech speech, Figures figures, long startNs) {
    this.speech = speech;
    this.figures = figures;
    this.startNs = startNs;
  }

  void partial(String text, long seq, long nowNs) {
    if (phrase == speech.phrases().size() || partialSeen || text.isBlank() || seq <= finals) {
      return;
    }
    long onsetNs = startNs + speech.phrases().get(phrase).onsetMs() * 1_000_000;
    if (nowNs >= onsetNs) {
      partialSeen = true;
      figures.latency("first partial", nowNs - onsetNs);
    }
  }

  void last(long seq, long nowNs) {
    if (seq != finals + 1) {
      figures.error("final out of order");
    }
    finals = seq;
    while (phrase < speech.phrases().size()) {
      long endNs = startNs + speech.phrases().get(phrase).endMs() * 1_000_000;
      boolean nextIsOver =
          phrase + 1 < speech.phrases().size()
              && nowNs >= startNs + speech.phrases().get(phrase + 1).endMs() * 1_000_000;
      if (nextIsOver) {
        figures.error("recording without a final of its own");
        phrase++;
        partialSeen = false;
        continue;
      }
      if (nowNs >= endNs) {
        figures.latency("final", nowNs - endNs);
        phrase++;
        partialSeen = false;
      }
      return;
    }
  }
}
