package org.linescribe.insights.rules;

import java.util.List;
import java.util.Map;
import org.linescribe.insights.Transcript;

/**
 * Masks card numbers in a transcript, however they were spoken, except their last four digits.
 *
 * <p>Thread: any.
 */
public final class CardMask {
  private final SpokenNumbers numbers;

  /**
   * @param moreDigits words for single digits besides the English ones, lower case
   */
  public CardMask(Map<String, Integer> moreDigits) {
    this.numbers = new SpokenNumbers(moreDigits);
  }

  /**
   * The texts of the lines with every proven or possible card number masked. A number that spans
   * several lines joins them into one.
   */
  public List<String> mask(Transcript transcript) {
    SpokenText spoken = new SpokenText(transcript);
    NumberedText numbered = numbers.write(spoken);
    StringBuilder out = new StringBuilder();
    int copied = 0;
    for (CardNumbers.Card card : CardNumbers.find(numbered.text())) {
      spoken.copyLines(out, copied, numbered.spokenStart(card.start()));
      out.append(CardNumbers.mask(card.digits()));
      copied = numbered.spokenEnd(card.end());
    }
    spoken.copyLines(out, copied, spoken.text().length());
    return out.toString().lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }
}
