package org.linescribe.api.audiosessions;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.linescribe.api.ApiSettings;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.unit.DataSize;

/**
 * {@code linescribe.audio-sessions.*}; each also by the environment name of the document, which
 * gives way to the former.
 *
 * @param storagePath where the WAV files are kept, created when missing ({@code
 *     AUDIO_STORAGE_PATH}); {@code audio-sessions} in the data directory when not set
 * @param defaultSampleRate Hz, one of the documented ({@code DEFAULT_SAMPLE_RATE})
 * @param defaultChannels 1 or 2 ({@code DEFAULT_CHANNELS})
 * @param defaultFormat wav, mp3, flac or aac ({@code DEFAULT_FORMAT})
 * @param maxDuration a session's longest life, 1 s to 30 d ({@code MAX_SESSION_DURATION_HOURS})
 * @param maxChunk largest chunk, 1 KB to 64 MB ({@code MAX_CHUNK_SIZE_MB})
 * @param maxSessions active sessions, 1 to 100,000 ({@code MAX_CONCURRENT_SESSIONS})
 * @param maxConnectionsPerSession 1 to 100 ({@code MAX_CONNECTIONS_PER_SESSION})
 * @param connectionTimeout a connection without a message, and a session without a connection, is
 *     closed after it, 1 s to 1 d ({@code CONNECTION_TIMEOUT_SECONDS})
 * @param maxMessage largest WebSocket message, 1 KB to 64 MB ({@code MAX_MESSAGE_SIZE_BYTES})
 * @param transcribe whether a session is transcribed that does not say so itself
 * @param stereo what the two channels of a session are to the transcript
 * @param decoderStall a decoder without progress for this long is killed, 100 ms to 5 min
 * @param greetingDelay a new connection that has sent nothing for this long is told its session id
 *     without having asked, 0 to 10 s. One document's example waits for that message, another takes
 *     the first message for the answer to its first chunk; with a delay each gets what it expects
 */
@ConfigurationProperties("linescribe.audio-sessions")
record AudioSessionSettings(
    Path storagePath,
    @DefaultValue("44100") int defaultSampleRate,
    @DefaultValue("1") int defaultChannels,
    @DefaultValue("wav") String defaultFormat,
    @DefaultValue("24h") Duration maxDuration,
    @DefaultValue("10MB") DataSize maxChunk,
    @DefaultValue("100") int maxSessions,
    @DefaultValue("5") int maxConnectionsPerSession,
    @DefaultValue("300s") Duration connectionTimeout,
    @DefaultValue("10MB") DataSize maxMessage,
    @DefaultValue("false") boolean transcribe,
    @DefaultValue("legs") Stereo stereo,
    @DefaultValue("15s") Duration decoderStall,
    @DefaultValue("250ms") Duration greetingDelay) {
  static final String PREFIX = "linescribe.audio-sessions";
  private static final DataSize KILOBYTE = DataSize.ofKilobytes(1);
  private static final DataSize MOST = DataSize.ofMegabytes(64);

  /** What two channels are. */
  enum Stereo {
    /** Two voices: left is the caller, right the callee. */
    LEGS,
    /** One voice. */
    MIX
  }

  AudioSessionSettings {
    require(
        AudioShape.SAMPLE_RATES_HZ.contains(defaultSampleRate),
        "default-sample-rate",
        defaultSampleRate,
        AudioShape.SAMPLE_RATES_HZ);
    require(
        AudioShape.CHANNELS.contains(defaultChannels),
        "default-channels",
        defaultChannels,
        AudioShape.CHANNELS);
    require(
        AudioShape.FORMATS.contains(defaultFormat),
        "default-format",
        defaultFormat,
        AudioShape.FORMATS);
    within("max-duration", maxDuration, Duration.ofSeconds(1), Duration.ofDays(30));
    within("connection-timeout", connectionTimeout, Duration.ofSeconds(1), Duration.ofDays(1));
    within("decoder-stall", decoderStall, Duration.ofMillis(100), Duration.ofMinutes(5));
    within("greeting-delay", greetingDelay, Duration.ZERO, Duration.ofSeconds(10));
    require(
        maxChunk.compareTo(KILOBYTE) >= 0 && maxChunk.compareTo(MOST) <= 0,
        "max-chunk",
        maxChunk,
        "1KB to 64MB");
    require(
        maxMessage.compareTo(KILOBYTE) >= 0 && maxMessage.compareTo(MOST) <= 0,
        "max-message",
        maxMessage,
        "1KB to 64MB");
    require(maxSessions >= 1 && maxSessions <= 100_000, "max-sessions", maxSessions, "1 to 100000");
    require(
        maxConnectionsPerSession >= 1 && maxConnectionsPerSession <= 100,
        "max-connections-per-session",
        maxConnectionsPerSession,
        "1 to 100");
  }

  private static void require(boolean holds, String key, Object value, Object expected) {
    ApiSettings.require(holds, PREFIX + "." + key, value, String.valueOf(expected));
  }

  private static void within(String key, Duration value, Duration low, Duration high) {
    require(ApiSettings.between(value, low, high), key, value, low + " to " + high);
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
