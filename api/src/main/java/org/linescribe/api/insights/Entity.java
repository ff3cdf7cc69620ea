package org.linescribe.api.insights;

/**
 * Something nameable that was said.
 *
 * @param text as it stands in the transcript; masked where {@code masked}
 * @param value its normal form: E.164 for a phone number, ISO 8601 for a date, digits for a number,
 *     "USD 25.00" for money; masked except the last four digits where {@code masked}
 * @param masked it is or may be a card number, so that text and value show only its last digits
 * @param startMs where the utterance begins in which it begins
 * @param endMs where the utterance ends in which it ends
 */
public record Entity(
    Type type, String text, String value, boolean masked, long startMs, long endMs) {
  /** What it names. */
  public enum Type {
    PHONE,
    CARD,
    EMAIL,
    DATE,
    MONEY,
    NUMBER,
    PERSON,
    ORGANISATION,
    LOCATION,
    OTHER
  }
}
