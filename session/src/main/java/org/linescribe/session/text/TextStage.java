package org.linescribe.session.text;

import java.util.Optional;
import org.linescribe.asr.Hypothesis;

/**
 * The one place where recognised text is rewritten. What it returns is all that is numbered, stored
 * and sent; nothing keeps what a mask replaced.
 *
 * <p>Partials are corrected and masked as finals are, so that text does not change when an
 * utterance ends; only figures, dates and amounts wait for the final. Times and tokens stay the
 * recogniser's.
 *
 * <p>Thread: any; immutable.
 */
public final class TextStage {
  private final Optional<SpokenForm> corrections;
  private final boolean figures;
  private final boolean datesAndAmounts;
  private final Masks masks;

  public TextStage(TextSettings settings) {
    this.corrections =
        settings.corrections().isEmpty()
            ? Optional.empty()
            : Optional.of(new SpokenForm(settings.corrections()));
    this.figures = settings.figures();
    this.datesAndAmounts = settings.datesAndAmounts();
    this.masks = new Masks(settings);
  }

  /** The text of an utterance that goes on. */
  public Hypothesis partial(Hypothesis hypothesis) {
    return written(hypothesis, false);
  }

  /** The text of a complete utterance. */
  public Hypothesis complete(Hypothesis hypothesis) {
    return written(hypothesis, true);
  }

  private Hypothesis written(Hypothesis hypothesis, boolean isFinal) {
    Hypothesis result = hypothesis;
    if (corrections.isPresent()) {
      result = Edit.apply(result, corrections.get().edits(result.text()));
    }
    // Before figures, so that a number is one sequence whatever the figures make of it.
    if (masks.isNeeded()) {
      result = Edit.apply(result, masks.edits(result.text(), isFinal));
    }
    if (datesAndAmounts && isFinal) {
      result = Edit.apply(result, DatesAndAmounts.edits(result.text()));
    }
    if (figures && isFinal) {
      result = Edit.apply(result, Figures.edits(result.text()));
    }
    return result;
  }
}
