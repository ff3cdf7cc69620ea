package org.linescribe.session.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.asr.Hypothesis;

/**
 * What callers say of money, dates, times, numbers and order, with figures and dates switched on.
 */
class SpokenSentencesTest {
  private static final TextStage STAGE =
      new TextStage(new TextSettings(List.of(), true, false, false, "US", 0, true));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Money.
        "That is five dollars. | That is $5.",
        "You owe twelve dollars and five cents. | You owe $12.05.",
        "It was a hundred dollars. | It was $100.",
        "about a hundred and fifty dollars a month | about $150 a month",
        "a thousand euros | €1000",
        "a million dollars, please | $1 million, please",
        "one point five million dollars | $1.5 million",
        "two point two five dollars | $2.25",
        "ninety nine cents | 99 cents",
        "three hundred fifty thousand dollars | $350000",
        "a hundred people in a thousand rooms | a hundred people in a thousand rooms",
        "twenty pounds of flour | 20 pounds of flour",
        // Percentages.
        "twenty percent off | 20% off",
        "three point five percent | 3.5%",
        "zero point oh one per cent | 0.01%",
        "at one point three people left | at one point three people left",
        // Dates.
        "on the fourth of July | on the 4th of July",
        "July the fourth | July 4",
        "on January first, please | on January 1, please",
        "December twenty fifth, twenty twenty five | December 25, 2025",
        "born on March twelfth nineteen seventy one | born on March 12, 1971",
        "your visit of May thirty first | your visit of May 31",
        "on the twenty third | on the 23rd",
        "in nineteen ninety nine | in 1999",
        "a member since twenty ten | a member since 2010",
        "We march first. | We march first.",
        "You may third that. | You may third that.",
        // Times.
        "at seven thirty p.m. tomorrow | at 7:30 PM tomorrow",
        "Call me at seven a.m. please | Call me at 7 AM please",
        "at ten oh five p m | at 10:05 PM",
        "half past nine | 9:30",
        "a quarter to six | 5:45",
        "at three o'clock | at 3:00",
        "I am one. | I am one.",
        // Phone and other numbers.
        "It's five five five oh one four two. | It's 5550142.",
        "area code two one two | area code 212",
        "two one two, five five five, one two one two | 212, 555, 1212",
        "double eight seven oh | 8870",
        "extension four two | extension 42",
        "PIN one two three four | PIN 1234",
        "room two hundred and five | room 205",
        "two hundred and a half | 200 and a half",
        "five thousand and twelve people | 5012 people",
        "my number is six | my number is six",
        "one eight hundred five five five one two one two | 1 800 5551212",
        "one eight hundred | 1 800",
        "two hundred five | 205",
        // Order.
        "the twenty second of June | the 22nd of June",
        "a thirty second call | a 30 second call",
        "forty second street | 40 second street",
        "fifty first street | 51st street",
        "her ninetieth birthday | her 90th birthday",
        "my third call today | my third call today",
        "first things first | first things first",
        "the eleventh hour | the 11th hour"
      })
  void areWrittenAsPeopleWriteThem(String said, String written) {
    assertThat(STAGE.complete(new Hypothesis(said, List.of(), 0, 1000)).text()).isEqualTo(written);
  }
}
