package org.linescribe.insights.rules;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.TimeZone;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.linescribe.insights.Entity;
import org.natty.DateGroup;
import org.natty.Parser;

/**
 * Finds dates and times with natty, which parses only what {@link #CANDIDATE} matches: on free text
 * natty reads "4567" as a year and "sat" as Saturday, and its grammar backtracks over long texts.
 *
 * <p>Relative dates count from the time of the call, in UTC.
 */
final class DateFinder {
  private static final String MONTHS =
      "january|february|march|april|may|june|july|august|september|october|november|december";
  private static final String DAY_NUMBER =
      "(?:\\d{1,2}(?:st|nd|rd|th)?|first|second|third|fourth|"
          + "fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|"
          + "sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)";
  private static final String COUNT =
      "(?:\\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)";
  private static final String TIME =
      "(?:(?: at| around| by)? (?:noon|midnight|\\d{1,2}(?::\\d{2}| \\d{2})?(?: ?[ap]\\.?m\\.?|"
          + " o'?clock)?)\\b| (?:in the )?(?:morning|afternoon|evening|night))?";

  /** The shapes of a date that natty then parses. */
  private static final Pattern CANDIDATE =
      Pattern.compile(
          "(?i)\\b(?:"
              + "\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{2}:\\d{2}(?::\\d{2})?)?"
              + "|\\d{1,2}/\\d{1,2}/\\d{2,4}"
              + "|(?:the )?"
              + DAY_NUMBER
              + "(?: day)? (?:of )?(?:"
              + MONTHS
              + ")(?:,? \\d{4})?"
              + TIME
              + "|(?:"
              + MONTHS
              + ") (?:the )?"
              + DAY_NUMBER
              + "(?:,? \\d{4}\\b)?"
              + TIME
              + "|(?:next |last |this"
              + " )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
              + TIME
              + "|(?:today|tomorrow|yesterday|tonight|the day after tomorrow)"
              + TIME
              + "|(?:next|last) (?:week|month|year)"
              + "|in "
              + COUNT
              + " (?:minutes?|hours?|days?|weeks?|months?|years?)"
              + "|"
              + COUNT
              + " (?:hours?|days?|weeks?|months?|years?) ago"
              + "|\\d{1,2}(?::\\d{2}| \\d{2})? ?[ap]\\.?m\\b\\.?"
              + ")");

  private DateFinder() {}

  static void find(String text, Instant spokenAt, EntityFinder.Finds finds) {
    TimeZone utc = TimeZone.getTimeZone(ZoneOffset.UTC);
    Matcher candidates = CANDIDATE.matcher(text);
    while (candidates.find()) {
      String words = candidates.group();
      List<DateGroup> groups =
          new Parser(utc)
              .parse(
                  words
                      .replaceAll("(?i) o'?clock", ":00")
                      .replaceAll("(\\d) (\\d{2})(?!\\d)", "$1:$2"),
                  Date.from(spokenAt));
      if (!groups.isEmpty() && !groups.getFirst().getDates().isEmpty()) {
        DateGroup group = groups.getFirst();
        LocalDateTime at =
            LocalDateTime.ofInstant(group.getDates().getFirst().toInstant(), ZoneOffset.UTC);
        boolean timed = !group.isTimeInferred() || words.matches("(?i).*(minute|hour).*");
        finds.add(
            Entity.Type.DATE,
            candidates.start(),
            candidates.end(),
            timed ? at.truncatedTo(ChronoUnit.MINUTES).toString() : at.toLocalDate().toString());
      }
    }
  }
}
