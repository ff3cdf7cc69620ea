package org.linescribe.api.stt;

import java.time.Duration;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/** Limits and defaults of {@code WS /stt/stream} and {@code POST /stt/stream-chunk}. */
@ConfigurationProperties("linescribe.stt")
@SettingsGroup("linescribe.stt")
record SttSettings(
    @Setting(
            "Provider of a client that names none: sherpa, whisper or google; empty: the"
                + " first that is configured.")
        @DefaultValue("")
        String provider,
    @Setting(
            "Language of a client that names none: a tag like en or en-US, or auto for the model's"
                + " own.")
        @DefaultValue("auto")
        String language,
    @Setting(
            "Whether a client that asks for whisper or google, not configured here, is served by"
                + " the default provider, with a warning.")
        @DefaultValue("true")
        boolean substituteProviders,
    @Setting("A session whose client sends nothing, not even a keepalive, ends after this long.")
        @Range("1s to 24h")
        @DefaultValue("5m")
        Duration sessionTimeout,
    @Setting("Largest request of /stt/stream-chunk; beyond it 413.")
        @Range("1KB to 256MB")
        @DefaultValue("10MB")
        DataSize maxChunk,
    @Setting(
            "Bytes of chunks received and not yet written to their sessions, of all clients"
                + " together, at least max-chunk; beyond it 503.")
        @Range("at most 64GB")
        @DefaultValue("256MB")
        DataSize maxChunksInHand,
    @Setting(
            "Sessions that stay open between requests of /stt/stream-chunk, of all clients"
                + " together; beyond it 503.")
        @Range("1 to 100000")
        @DefaultValue("64")
        int maxHeldSessions,
    @Setting("How long the answer to a chunk waits for the recogniser's result.")
        @Range("0s to 10s")
        @DefaultValue("200ms")
        Duration chunkAnswer,
    @Setting("How long received audio may wait for the recogniser.")
        @Range("1s to 10m")
        @DefaultValue("60s")
        Duration finishWithin) {
  SttSettings {
    SettingsCheck.ranges(
        SttSettings.class,
        sessionTimeout,
        maxChunk,
        maxChunksInHand,
        maxHeldSessions,
        chunkAnswer,
        finishWithin);
    SettingsCheck.require(
        language.equalsIgnoreCase(Languages.AUTO) || Languages.isTag(language),
        "linescribe.stt.language",
        language,
        "auto or a BCP 47 tag");
    SettingsCheck.require(
        maxChunksInHand.compareTo(maxChunk) >= 0,
        "linescribe.stt.max-chunks-in-hand",
        maxChunksInHand,
        "at least max-chunk");
  }
}
