package org.linescribe.session.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes what English speech says of dates, times of day, money, percentages and order as people
 * write it: "May third" as May 3, "half past two" as 2:30, "five dollars" as $5, "three point five
 * percent" as 3.5%, "twenty first" as 21st. What may mean something else stays as it is: "may",
 * "second", an hour without a sign of one, pounds, a point without a unit, and a lone ordinal below
 * tenth.
 */
final class DatesAndAmounts {
  private static final Pattern WORD =
      Pattern.compile("[\\p{L}\\p{N}]++(?:['’.][\\p{L}\\p{N}]++)*+");

  private static final List<String> ORDINALS =
      List.of(
          ("zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh"
                  + " twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth"
                  + " nineteenth")
              .split(" "));

  private static final List<String> TENS =
      List.of("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety");

  private static final Set<String> MONTHS =
      Set.of(
          ("january february march april may june july august september october november"
                  + " december")
              .split(" "));

  /** Months whose names are other words too. */
  private static final Set<String> AMBIGUOUS = Set.of("march", "may");

  private static final Map<String, String> CURRENCIES =
      Map.of("dollar", "$", "dollars", "$", "euro", "€", "euros", "€");

  private static final Set<String> LARGE = Set.of("million", "billion", "trillion");

  private record Word(int start, int end) {}

  /** What stands for the words from one on, up to {@code end}. */
  private record Form(int end, String written) {}

  private record Ordinal(int end, int value) {}

  private final String text;
  private final List<Word> words = new ArrayList<>();
  private final List<String> lower = new ArrayList<>();

  private DatesAndAmounts(String text) {
    this.text = text;
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(new Word(matcher.start(), matcher.end()));
      lower.add(matcher.group().toLowerCase(Locale.ROOT));
    }
  }

  static List<Edit> edits(String text) {
    return new DatesAndAmounts(text).edits();
  }

  private List<Edit> edits() {
    List<Edit> edits = new ArrayList<>();
    for (int i = 0; i < words.size(); ) {
      int at = i;
      Optional<Form> form =
          date(at)
              .or(() -> pastOrTo(at))
              .or(() -> clock(at))
              .or(() -> inYear(at))
              .or(() -> amount(at))
              .or(() -> order(at));
      if (form.isPresent()) {
        edits.add(new Edit(words.get(i).start(), end(form.get()), form.get().written()));
        i = form.get().end();
      } else {
        i++;
      }
    }
    return edits;
  }

  /** With the full stop that belongs to "p.m.", unless it ends the text as well. */
  private int end(Form form) {
    int end = words.get(form.end() - 1).end();
    boolean abbreviated = lower.get(form.end() - 1).matches("[ap]\\.m");
    return abbreviated && end < text.length() - 1 && text.charAt(end) == '.' ? end + 1 : end;
  }

  private String word(int at) {
    return at < lower.size() ? lower.get(at) : "";
  }

  /** Whether nothing but a space, or a hyphen, is between a word and the one before. */
  private boolean follows(int at) {
    return at > 0
        && at < words.size()
        && text.substring(words.get(at - 1).end(), words.get(at).start()).matches("[ -]");
  }

  private boolean allFollow(int from, int to) {
    for (int i = from + 1; i < to; i++) {
      if (!follows(i)) {
        return false;
      }
    }
    return true;
  }

  private Optional<NumberItem.Reading> number(int at) {
    return NumberItem.read(lower, at).filter(number -> allFollow(at, number.end()));
  }

  // Dates: "May third, twenty twenty six".

  private Optional<Form> date(int at) {
    if (!MONTHS.contains(word(at)) || !follows(at + 1)) {
      return Optional.empty();
    }
    boolean ambiguous = AMBIGUOUS.contains(word(at));
    boolean hasArticle = word(at + 1).equals("the") && follows(at + 2);
    Optional<Ordinal> day = ordinal(hasArticle ? at + 2 : at + 1);
    if (day.isEmpty() && !ambiguous && !hasArticle) {
      day = number(at + 1).map(n -> new Ordinal(n.end(), (int) Math.min(99, n.value())));
    }
    if (day.isEmpty() || day.get().value() < 1 || day.get().value() > 31) {
      return Optional.empty();
    }
    if (ambiguous && !isName(at)) {
      return Optional.empty();
    }
    Form whole =
        new Form(
            day.get().end(),
            text.substring(words.get(at).start(), words.get(at).end()) + " " + day.get().value());
    return Optional.of(
        year(whole.end())
            .map(year -> new Form(year.end(), whole.written() + ", " + year.written()))
            .orElse(whole));
  }

  /** Written with a capital, and not because a sentence begins with it. */
  private boolean isName(int at) {
    return at > 0
        && Character.isUpperCase(text.charAt(words.get(at).start()))
        && text.substring(words.get(at - 1).end(), words.get(at).start()).matches("[ ,]+");
  }

  /** "in nineteen ninety nine": what is said in two halves behind such a word is a year. */
  private Optional<Form> inYear(int at) {
    boolean hasPreposition = at > 0 && word(at - 1).matches("in|since") && follows(at);
    return hasPreposition && number(at).filter(first -> first.value() < 100).isPresent()
        ? year(at)
        : Optional.empty();
  }

  /** "nineteen eighty four", "twenty twenty six", "nineteen oh five", "two thousand and five". */
  private Optional<Form> year(int at) {
    if (at >= words.size()
        || !text.substring(words.get(at - 1).end(), words.get(at).start()).matches(",? ")) {
      return Optional.empty();
    }
    Optional<NumberItem.Reading> first = number(at);
    if (first.isEmpty()) {
      return Optional.empty();
    }
    long value = first.get().value();
    int next = first.get().end();
    if (value >= 1000 && value < 3000) {
      return Optional.of(new Form(next, first.get().digits()));
    }
    if (value < 18 || value > 21 || !follows(next)) {
      return Optional.empty();
    }
    boolean oh = word(next).equals("oh") && follows(next + 1);
    return number(oh ? next + 1 : next)
        .filter(rest -> oh ? rest.value() < 10 : rest.value() >= 10 && rest.value() < 100)
        .map(rest -> new Form(rest.end(), value + (oh ? "0" : "") + rest.digits()));
  }

  // Times of day.

  /** "half past two", "a quarter to three". */
  private Optional<Form> pastOrTo(int at) {
    int from = word(at).equals("a") && follows(at + 1) ? at + 1 : at;
    boolean half = word(from).equals("half") && from == at;
    boolean past = word(from + 1).equals("past");
    if (!half && !word(from).equals("quarter")
        || !past && (half || !word(from + 1).equals("to"))
        || !allFollow(from, from + 3)) {
      return Optional.empty();
    }
    return hour(from + 2)
        .map(
            hour -> {
              long of = past ? hour.value() : hour.value() == 1 ? 12 : hour.value() - 1;
              return new Form(hour.end(), of + (half ? ":30" : past ? ":15" : ":45"));
            });
  }

  private Optional<NumberItem.Reading> hour(int at) {
    return number(at).filter(hour -> hour.value() >= 1 && hour.value() <= 12);
  }

  /** "two p.m.", "two thirty pm", "five o'clock". */
  private Optional<Form> clock(int at) {
    Optional<NumberItem.Reading> hour = hour(at);
    if (hour.isEmpty() || !follows(hour.get().end())) {
      return Optional.empty();
    }
    int next = hour.get().end();
    String written = hour.get().digits();
    if (word(next).matches("o['’]clock")) {
      Form whole = new Form(next + 1, written + ":00");
      return Optional.of(
          half(next + 1)
              .map(half -> new Form(half.end(), whole.written() + half.written()))
              .orElse(whole));
    }
    boolean oh = word(next).equals("oh") && follows(next + 1);
    Optional<NumberItem.Reading> minute =
        number(oh ? next + 1 : next)
            .filter(minutes -> oh ? minutes.value() < 10 : minutes.value() < 60)
            .filter(minutes -> oh || minutes.value() >= 10);
    if (minute.isPresent()) {
      written += ":" + (oh ? "0" : "") + minute.get().digits();
      next = minute.get().end();
    }
    String time = written;
    return half(next).map(half -> new Form(half.end(), time + half.written()));
  }

  private Optional<Form> half(int at) {
    if (!follows(at)) {
      return Optional.empty();
    }
    String word = word(at).replace(".", "");
    int end = at + 1;
    if ((word.equals("a") || word.equals("p")) && word(end).equals("m") && follows(end)) {
      word += "m";
      end++;
    }
    boolean verb = word(at).equals("am") && word(end).equals("i");
    return (word.equals("am") || word.equals("pm")) && !verb
        ? Optional.of(new Form(end, " " + word.toUpperCase(Locale.ROOT)))
        : Optional.empty();
  }

  // Amounts: "two hundred and five dollars", "five dollars and ten cents", "a million euros",
  // "three point five percent".

  private Optional<Form> amount(int at) {
    Optional<Form> sum = sum(at);
    if (sum.isEmpty() || !follows(sum.get().end())) {
      return Optional.empty();
    }
    int next = sum.get().end();
    String digits = sum.get().written();
    boolean inTwoWords =
        word(next).equals("per") && word(next + 1).equals("cent") && follows(next + 1);
    if (word(next).equals("percent") || inTwoWords) {
      return Optional.of(new Form(inTwoWords ? next + 2 : next + 1, digits + "%"));
    }
    String large = LARGE.contains(word(next)) && follows(next + 1) ? " " + word(next++) : "";
    String sign = CURRENCIES.get(word(next));
    if (sign == null) {
      return Optional.empty();
    }
    Form whole = new Form(next + 1, sign + digits + large);
    int cents = word(next + 1).equals("and") && follows(next + 1) ? next + 2 : next + 1;
    if (!large.isEmpty() || digits.contains(".") || !follows(cents)) {
      return Optional.of(whole);
    }
    return number(cents)
        .filter(
            rest -> rest.value() < 100 && word(rest.end()).matches("cents?") && follows(rest.end()))
        .map(
            rest ->
                new Form(
                    rest.end() + 1,
                    whole.written() + String.format(Locale.ROOT, ".%02d", rest.value())))
        .or(() -> Optional.of(whole));
  }

  /** The number of an amount: "five", "a hundred and ten", "three point one four". */
  private Optional<Form> sum(int at) {
    boolean beginsWithArticle =
        word(at).equals("a")
            && follows(at + 1)
            && (word(at + 1).matches("hundred|thousand") || LARGE.contains(word(at + 1)));
    if (beginsWithArticle) {
      int end = Math.min(lower.size(), at + NumberItem.MOST_WORDS);
      List<String> read = new ArrayList<>(lower.subList(at, end));
      read.set(0, "one");
      return NumberItem.read(read, 0)
          .map(number -> new Form(at + number.end(), number.digits()))
          .filter(form -> allFollow(at, form.end()));
    }
    return number(at).map(whole -> withDecimals(new Form(whole.end(), whole.digits())));
  }

  private Form withDecimals(Form whole) {
    if (!word(whole.end()).equals("point") || !follows(whole.end())) {
      return whole;
    }
    StringBuilder decimals = new StringBuilder();
    int next = whole.end() + 1;
    while (follows(next)) {
      Optional<NumberItem.Reading> digit =
          word(next).equals("oh")
              ? Optional.of(new NumberItem.Reading(next + 1, "0"))
              : NumberItem.read(lower.subList(next, next + 1), 0)
                  .filter(read -> read.digits().length() == 1);
      if (digit.isEmpty()) {
        break;
      }
      decimals.append(digit.get().digits());
      next++;
    }
    return decimals.isEmpty() ? whole : new Form(next, whole.written() + "." + decimals);
  }

  // Order: "twenty first", "the third of May".

  private Optional<Form> order(int at) {
    return ordinal(at)
        // "A thirty second call" lasts half a minute.
        .filter(
            ordinal ->
                ordinal.end() - at < 2
                    || !word(ordinal.end() - 1).equals("second")
                    || at > 0 && word(at - 1).equals("the"))
        .filter(
            ordinal ->
                ordinal.value() >= 10
                    || word(ordinal.end()).equals("of")
                        && MONTHS.contains(word(ordinal.end() + 1))
                        && allFollow(at, ordinal.end() + 2))
        .map(ordinal -> new Form(ordinal.end(), ordinal.value() + suffix(ordinal.value())));
  }

  /** From first to ninety ninth. */
  private Optional<Ordinal> ordinal(int at) {
    int unit = ORDINALS.indexOf(word(at));
    if (unit > 0) {
      return Optional.of(new Ordinal(at + 1, unit));
    }
    int tens = TENS.indexOf(word(at).replaceFirst("ieth$", "y")) * 10 + 20;
    if (tens >= 20 && word(at).endsWith("ieth")) {
      return Optional.of(new Ordinal(at + 1, tens));
    }
    int last = ORDINALS.indexOf(word(at + 1));
    return tens >= 20 && last > 0 && last < 10 && follows(at + 1)
        ? Optional.of(new Ordinal(at + 2, tens + last))
        : Optional.empty();
  }

  private static String suffix(int value) {
    return switch (value % 100 / 10 == 1 ? 0 : value % 10) {
      case 1 -> "st";
      case 2 -> "nd";
      case 3 -> "rd";
      default -> "th";
    };
  }
}
