package org.linescribe.api.transcribe;

import static org.linescribe.api.ApiSettings.between;
import static org.linescribe.api.ApiSettings.require;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The door's times, {@code linescribe.api.transcribe.*}.
 *
 * @param answerAfter a source that sent audio, got nothing since and sends no more gets the current
 *     text after this long, be it unchanged or empty: 10 ms to 60 ms. Longer than the time between
 *     two frames of a source that streams, which is to get partials on change only
 * @param flushAfter the open utterance of a source that sends no more becomes a final after this
 *     long, as no silence will come to end it: 500 ms to 1 h
 * @param finishWithin how long audio that arrived before a disconnect may wait for the recogniser:
 *     1 s to 10 min
 */
@ConfigurationProperties("linescribe.api.transcribe")
record TranscribeSettings(
    @DefaultValue("50ms") Duration answerAfter,
    @DefaultValue("2s") Duration flushAfter,
    @DefaultValue("60s") Duration finishWithin) {
  TranscribeSettings {
    require(
        between(answerAfter, Duration.ofMillis(10), Duration.ofMillis(60)),
        "linescribe.api.transcribe.answer-after",
        answerAfter,
        "10ms to 60ms");
    require(
        between(flushAfter, Duration.ofMillis(500), Duration.ofHours(1)),
        "linescribe.api.transcribe.flush-after",
        flushAfter,
        "500ms to 1h");
    require(
        between(finishWithin, Duration.ofSeconds(1), Duration.ofMinutes(10)),
        "linescribe.api.transcribe.finish-within",
        finishWithin,
        "1s to 10m");
  }
}
