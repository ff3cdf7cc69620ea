package org.linescribe.insights;

/**
 * A named thing or a value that the transcript mentions.
 *
 * @param text as the transcript has it; masked where {@code masked}
 * @param value its normal form: E.164 for a phone number, ISO 8601 for a date, digits for a number,
 *     "USD 25.00" for money; masked except the last four digits where {@code masked}
 * @param masked whether it is or may be a card number: text and value then show only the last
 *     digits
 * @param startMs start of the utterance that holds its first word
 * @param endMs end of the utterance that holds its last word
 */
public record Entity(
    Type type, String text, String value, boolean masked, long startMs, long endMs) {
  /** The kind of entity. */
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
