package org.linescribe.asr.utterance;

import java.time.Duration;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** How models of whole utterances are made to stream. */
@SettingsGroup("linescribe.utterance")
public record UtteranceSettings(
    @Setting(
            "Time between two decodings of an open utterance while the decoders have time; under"
                + " load it grows, up to none.")
        @Default("300ms")
        @Range("100ms to 10s")
        Duration partialInterval,
    @Setting(
            "The most audio decoded at once: speech that goes on for longer is told as several"
                + " finals, split where a sentence or a word ends.")
        @Default("14s")
        @Range("6s to 28s")
        Duration window,
    @Setting("How sure voice activity detection must be that somebody speaks, in percent.")
        @Default("50")
        @Range("5 to 95")
        int speechThreshold,
    @Setting(
            "Whether a model is asked in each pause if the speaker has finished: then 380 ms of"
                + " silence end the utterance, else the session's endpoint silence.")
        @Default("false")
        boolean endOfTurn) {
  public UtteranceSettings {
    SettingsCheck.ranges(UtteranceSettings.class, partialInterval, window, speechThreshold);
  }

  public static UtteranceSettings defaults() {
    return SettingsDefaults.of(UtteranceSettings.class);
  }
}
