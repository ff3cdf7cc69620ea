package org.linescribe.session.numbering;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.linescribe.asr.Hypothesis;

/**
 * The language that a model of several found on each leg. A short utterance tells it too seldom: it
 * counts as what was held before, and changes nothing.
 *
 * <p>Thread: the session's writer.
 */
final class LegLanguages {
  /** Whisper base finds 24 of 25 English, 8 of 20 Spanish, 14 of 20 French by one second alone. */
  static final long SURE_MS = 2000;

  private final List<Optional<String>> held;

  LegLanguages(int legs) {
    held = new ArrayList<>(Collections.nCopies(legs, Optional.empty()));
  }

  /** The language of an utterance that is complete. */
  Optional<String> of(int leg, Hypothesis utterance) {
    if (utterance.language().isPresent() && utterance.endMs() - utterance.startMs() >= SURE_MS) {
      held.set(leg, utterance.language());
    }
    return held.get(leg);
  }
}
