package org.linescribe.api.transcribe;

import java.time.Duration;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Times of {@code WS /ws/transcribe}. */
@ConfigurationProperties("linescribe.api.transcribe")
@SettingsGroup("linescribe.api.transcribe")
record TranscribeSettings(
    @Setting(
            "A source that waits for an answer gets the current text after this long, be it"
                + " unchanged or empty.")
        @Range("10ms to 60ms")
        @DefaultValue("50ms")
        Duration answerAfter,
    @Setting(
            "The open utterance of a source that sends no more becomes a final after this long, as"
                + " no silence will come to end it.")
        @Range("500ms to 1h")
        @DefaultValue("2s")
        Duration flushAfter,
    @Setting(
            "How long the recogniser may take nothing of the audio that waits when its client has"
                + " disconnected; the rest is lost then.")
        @Range("1s to 10m")
        @DefaultValue("60s")
        Duration finishWithin) {
  TranscribeSettings {
    SettingsCheck.ranges(TranscribeSettings.class, answerAfter, flushAfter, finishWithin);
  }
}
