package org.linescribe.api.audiosessions;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.unit.DataSize;

/**
 * {@code WS /api/ws/audio} and {@code /api/audio/sessions}. Each key also has the environment name
 * of the API document, which gives way to the former.
 */
@ConfigurationProperties("linescribe.audio-sessions")
@SettingsGroup("linescribe.audio-sessions")
record AudioSessionSettings(
    @Setting(
            "Folder of the WAV files, created when missing; also AUDIO_STORAGE_PATH. Not set:"
                + " audio-sessions in the data folder.")
        Path storagePath,
    @Setting(
            "Hz of a session that does not say: 8000, 16000, 22050, 44100, 48000 or 96000; also"
                + " DEFAULT_SAMPLE_RATE.")
        @DefaultValue("44100")
        int defaultSampleRate,
    @Setting("Channels of a session that does not say: 1 or 2; also DEFAULT_CHANNELS.")
        @DefaultValue("1")
        int defaultChannels,
    @Setting("Format of a session that does not say: wav, mp3, flac or aac; also DEFAULT_FORMAT.")
        @DefaultValue("wav")
        String defaultFormat,
    @Setting("A session's longest life; also MAX_SESSION_DURATION_HOURS.")
        @Range("1s to 720h")
        @DefaultValue("24h")
        Duration maxDuration,
    @Setting("The largest chunk; also MAX_CHUNK_SIZE_MB.")
        @Range("1KB to 64MB")
        @DefaultValue("10MB")
        DataSize maxChunk,
    @Setting("Sessions at once, more get 1013; also MAX_CONCURRENT_SESSIONS.")
        @Range("1 to 100000")
        @DefaultValue("100")
        int maxSessions,
    @Setting("Connections of one session, more get 1013; also MAX_CONNECTIONS_PER_SESSION.")
        @Range("1 to 100")
        @DefaultValue("5")
        int maxConnectionsPerSession,
    @Setting(
            "A connection without a message, and a session without a connection, is closed after"
                + " this long; also CONNECTION_TIMEOUT_SECONDS.")
        @Range("1s to 24h")
        @DefaultValue("300s")
        Duration connectionTimeout,
    @Setting("The largest WebSocket message; also MAX_MESSAGE_SIZE_BYTES.")
        @Range("1KB to 64MB")
        @DefaultValue("10MB")
        DataSize maxMessage,
    @Setting("Whether a session is transcribed that does not say so itself (?transcribe=true).")
        @DefaultValue("false")
        boolean transcribe,
    @Setting(
            "What two channels are to the transcript: legs (left is the caller, right the callee)"
                + " or mix (one leg).")
        @DefaultValue("legs")
        Stereo stereo,
    @Setting("A decoder without progress for this long is killed and replaced.")
        @Range("100ms to 5m")
        @DefaultValue("15s")
        Duration decoderStall,
    @Setting(
            "A new connection that sends nothing for this long is told its session id. One example"
                + " of the API document waits for that message, another takes the first message for"
                + " the answer to its first chunk; with a delay each gets what it expects.")
        @Range("0s to 10s")
        @DefaultValue("250ms")
        Duration greetingDelay) {
  static final String PREFIX = "linescribe.audio-sessions";

  /** What two channels are. */
  enum Stereo {
    /** Two speakers: left is the caller, right the callee. */
    LEGS,
    /** One signal, mixed from both. */
    MIX
  }

  AudioSessionSettings {
    SettingsCheck.ranges(
        AudioSessionSettings.class,
        maxDuration,
        maxChunk,
        maxSessions,
        maxConnectionsPerSession,
        connectionTimeout,
        maxMessage,
        decoderStall,
        greetingDelay);
    require(
        SessionRequest.SAMPLE_RATES_HZ.contains(defaultSampleRate),
        "default-sample-rate",
        defaultSampleRate,
        SessionRequest.SAMPLE_RATES_HZ);
    require(
        SessionRequest.CHANNELS.contains(defaultChannels),
        "default-channels",
        defaultChannels,
        SessionRequest.CHANNELS);
    require(
        SessionRequest.FORMATS.contains(defaultFormat),
        "default-format",
        defaultFormat,
        SessionRequest.FORMATS);
  }

  private static void require(boolean holds, String key, Object value, Object expected) {
    SettingsCheck.require(holds, PREFIX + "." + key, value, String.valueOf(expected));
  }

  /** Reads the settings; the document's names stand behind all other sources. */
  static AudioSessionSettings of(ConfigurableEnvironment environment) {
    Map<String, Object> documented = new LinkedHashMap<>();
    String data = environment.getProperty("linescribe.data", "data");
    documented.put(PREFIX + ".storage-path", Path.of(data, "audio-sessions").toString());
    alias(environment, documented, "AUDIO_STORAGE_PATH", "storage-path", "");
    alias(environment, documented, "DEFAULT_SAMPLE_RATE", "default-sample-rate", "");
    alias(environment, documented, "DEFAULT_CHANNELS", "default-channels", "");
    alias(environment, documented, "DEFAULT_FORMAT", "default-format", "");
    alias(environment, documented, "MAX_SESSION_DURATION_HOURS", "max-duration", "h");
    alias(environment, documented, "MAX_CHUNK_SIZE_MB", "max-chunk", "MB");
    alias(environment, documented, "MAX_CONCURRENT_SESSIONS", "max-sessions", "");
    alias(
        environment, documented, "MAX_CONNECTIONS_PER_SESSION", "max-connections-per-session", "");
    alias(environment, documented, "CONNECTION_TIMEOUT_SECONDS", "connection-timeout", "s");
    alias(environment, documented, "MAX_MESSAGE_SIZE_BYTES", "max-message", "B");
    environment
        .getPropertySources()
        .addLast(new MapPropertySource("audio sessions, documented names", documented));
    return Binder.get(environment).bindOrCreate(PREFIX, AudioSessionSettings.class);
  }

  private static void alias(
      ConfigurableEnvironment environment,
      Map<String, Object> documented,
      String name,
      String key,
      String unit) {
    String value = environment.getProperty(name);
    if (value != null && !value.isBlank()) {
      documented.put(PREFIX + "." + key, value.strip() + unit);
    }
  }
}
