package org.linescribe.session.text;

import java.util.List;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** What becomes of recognised text before it is stored and sent. */
@SettingsGroup("linescribe.text")
public record TextSettings(
    @Setting(
            "Corrections of what the model writes, SPOKEN=WRITTEN, comma between: line"
                + " scribe=LineScribe. Case does not matter in what is spoken.")
        List<String> corrections,
    @Setting("Writes English numbers of finals in figures: four one one as 411.") @Default("false")
        boolean figures,
    @Setting(
            "Masks card numbers (13 to 19 digits with a right check digit) in all that is stored"
                + " and sent.")
        @Default("false")
        boolean maskCards,
    @Setting("Masks phone numbers, those that are valid in phone-region or begin with +.")
        @Default("false")
        boolean maskPhones,
    @Setting("Where phone numbers without a country code belong: a region like US or DE.")
        @Default("US")
        String phoneRegion,
    @Setting(
            "Masks every sequence of at least this many digits, as where cards are read in groups"
                + " with long pauses; 0: none.")
        @Default("0")
        @Range("0 to 100")
        int maskDigits,
    @Setting(
            "Writes English dates, times of day, sums of money, percentages and ordinals of finals"
                + " as people do: May third as May 3, half past two as 2:30, five dollars as $5,"
                + " twenty first as 21st.")
        @Default("false")
        boolean datesAndAmounts) {
  private static final int MAX_CORRECTIONS = 1000;
  private static final int MAX_CHARACTERS = 200;

  public TextSettings {
    corrections = List.copyOf(corrections);
    SettingsCheck.ranges(TextSettings.class, maskDigits);
    SettingsCheck.require(
        corrections.size() <= MAX_CORRECTIONS,
        "linescribe.text.corrections",
        corrections.size() + " entries",
        "at most " + MAX_CORRECTIONS);
    for (String correction : corrections) {
      int equals = correction.indexOf('=');
      SettingsCheck.require(
          correction.length() <= MAX_CHARACTERS
              && equals > 0
              && SpokenForm.isValid(correction.substring(0, equals))
              && !correction.substring(equals + 1).isBlank(),
          "linescribe.text.corrections",
          "'" + correction + "'",
          "SPOKEN=WRITTEN, words on both sides, at most " + MAX_CHARACTERS + " characters");
    }
    SettingsCheck.require(
        !maskPhones || PhoneNumbers.isRegion(phoneRegion),
        "linescribe.text.phone-region",
        "'" + phoneRegion + "'",
        "two letters of a country, as US");
  }

  public static TextSettings defaults() {
    return SettingsDefaults.of(TextSettings.class);
  }
}
