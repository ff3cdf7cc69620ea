package org.linescribe.insights.rules;

import com.google.i18n.phonenumbers.PhoneNumberMatch;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.linescribe.insights.Entity;
import org.linescribe.insights.Transcript;

/**
 * Finds what parsers can prove: cards, e-mail addresses, phone numbers, dates, money, and the
 * remaining runs of digits. The kinds are searched in order of certainty, and a word belongs to the
 * first entity that contains it.
 */
final class EntityFinder {
  private static final Pattern EMAIL =
      Pattern.compile("[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\\.){1,8}[A-Za-z]{2,24}");
  private static final Pattern SPOKEN_EMAIL =
      Pattern.compile(
          "(?i)\\b([a-z0-9]{1,64}+(?: (?:dot|underscore|dash|hyphen) [a-z0-9]{1,64}+){0,8}+) at"
              + " ([a-z0-9]{1,63}+(?: (?:dot|dash|hyphen) [a-z0-9]{1,63}+){0,8} dot"
              + " (?:com|org|net|edu|gov|info|io|co|app|dev|(?!as|at|be|by|do|in|is|it|me|my|no|so|to|us)[a-z]{2}))\\b");
  private static final Pattern DIGITS = Pattern.compile("\\d+(?: \\d+)*+");
  private static final int MIN_NUMBER_DIGITS = 4;
  private static final long PHONE_TRIES = 2_000;

  private final PhoneNumberUtil phones = PhoneNumberUtil.getInstance();
  private final SpokenNumbers numbers;
  private final MoneyFinder money;
  private final String region;

  EntityFinder(Taxonomy taxonomy, String region) {
    this.numbers = new SpokenNumbers(taxonomy.spokenDigits());
    this.money = new MoneyFinder(taxonomy.currencies());
    this.region = region;
  }

  NumberedText number(Transcript transcript) {
    return numbers.write(new SpokenText(transcript));
  }

  List<Entity> find(NumberedText text) {
    if (text.text().isEmpty()) {
      return List.of();
    }
    Finds finds = new Finds(text);
    for (CardNumbers.Card card : CardNumbers.find(text.text())) {
      if (!card.proven() && card.digits().length() > CardNumbers.MAX_DIGITS) {
        // Several consecutive numbers: a phone number among them must still be found.
        continue;
      }
      finds.addMasked(
          card.proven() ? Entity.Type.CARD : Entity.Type.NUMBER,
          card.start(),
          card.end(),
          CardNumbers.mask(card.digits()));
    }
    emails(text.text(), finds);
    for (PhoneNumberMatch match :
        phones.findNumbers(finds.rest(), region, PhoneNumberUtil.Leniency.VALID, PHONE_TRIES)) {
      finds.add(
          Entity.Type.PHONE,
          match.start(),
          match.end(),
          phones.format(match.number(), PhoneNumberFormat.E164));
    }
    money.find(finds.rest(), finds);
    DateFinder.find(finds.rest(), text.spoken().transcript().spokenAt(), finds);
    Matcher digits = DIGITS.matcher(finds.rest());
    while (digits.find()) {
      String value = digits.group().replace(" ", "");
      if (value.length() >= CardNumbers.MIN_DIGITS) {
        finds.addMasked(Entity.Type.NUMBER, digits.start(), digits.end(), CardNumbers.mask(value));
      } else if (value.length() >= MIN_NUMBER_DIGITS) {
        finds.add(Entity.Type.NUMBER, digits.start(), digits.end(), value);
      }
    }
    return finds.inOrder();
  }

  private static void emails(String text, Finds finds) {
    Matcher written = EMAIL.matcher(text);
    while (written.find()) {
      finds.add(
          Entity.Type.EMAIL,
          written.start(),
          written.end(),
          written.group().toLowerCase(Locale.ROOT));
    }
    Matcher spoken = SPOKEN_EMAIL.matcher(text);
    while (spoken.find()) {
      finds.add(
          Entity.Type.EMAIL,
          spoken.start(),
          spoken.end(),
          symbols(spoken.group(1)) + "@" + symbols(spoken.group(2)));
    }
  }

  private static String symbols(String spoken) {
    return spoken
        .toLowerCase(Locale.ROOT)
        .replace(" dot ", ".")
        .replace(" underscore ", "_")
        .replace(" dash ", "-")
        .replace(" hyphen ", "-");
  }

  /** The entities found so far. Each word belongs to at most one. */
  static final class Finds {
    private final NumberedText text;
    private final StringBuilder rest;
    private final List<Found> found = new ArrayList<>();

    private record Found(int start, Entity entity) {}

    Finds(NumberedText text) {
      this.text = text;
      this.rest = new StringBuilder(text.text());
    }

    /**
     * The text with a semicolon in place of every character of an entity, so that no number spans
     * it.
     */
    String rest() {
      return rest.toString();
    }

    void add(Entity.Type type, int start, int end, String value) {
      add(type, start, end, value, false);
    }

    void addMasked(Entity.Type type, int start, int end, String value) {
      add(type, start, end, value, true);
    }

    private void add(Entity.Type type, int start, int end, String value, boolean masked) {
      if (start >= end || rest.substring(start, end).indexOf(';') >= 0) {
        return;
      }
      for (int i = start; i < end; i++) {
        rest.setCharAt(i, ';');
      }
      int from = text.spokenStart(start);
      int to = text.spokenEnd(end);
      String words = masked ? value : text.spoken().text().substring(from, to);
      found.add(
          new Found(
              from,
              new Entity(
                  type,
                  words,
                  value,
                  masked,
                  text.spoken().line(from).startMs(),
                  text.spoken().line(to - 1).endMs())));
    }

    List<Entity> inOrder() {
      return found.stream()
          .sorted(Comparator.comparingInt(Found::start))
          .map(Found::entity)
          .toList();
    }
  }
}
