package org.linescribe.api.socketio;

import java.time.Duration;
import org.linescribe.api.ApiSettings;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * {@code linescribe.socketio.*}.
 *
 * @param storagePath where the WAV files are kept, created when missing; {@code recordings} in the
 *     data directory when empty
 * @param maxClients Socket.IO connections at once, 1 to 100,000; more get 503 or 1013
 * @param maxPayload largest WebSocket message and polling request, 1 KB to 64 MB; beyond it 1009 or
 *     413 and the end of the connection. Long-polling carries binary as Base64, so a chunk may have
 *     three quarters of it
 * @param pingInterval how often a client is asked for a sign of life, 100 ms to 5 min
 * @param pingTimeout how long it may take to give it, 100 ms to 5 min
 * @param connectTimeout how long a connection may be without a namespace, 100 ms to 5 min
 * @param maxDuration of one recording, 1 s to 24 h; further chunks are refused, as they are where
 *     the WAV file would pass 4 GiB
 * @param sampleRate Hz of raw PCM, and of the WAV file, where the client names none
 * @param transcribe whether a recording is transcribed where the client does not say
 * @param trustForwarded whether X-Forwarded-Proto and X-Forwarded-Host tell the file's URL; only
 *     behind a proxy that sets them
 */
@ConfigurationProperties("linescribe.socketio")
record SocketIoSettings(
    @DefaultValue("") String storagePath,
    @DefaultValue("1000") int maxClients,
    @DefaultValue("1MB") DataSize maxPayload,
    @DefaultValue("25s") Duration pingInterval,
    @DefaultValue("20s") Duration pingTimeout,
    @DefaultValue("45s") Duration connectTimeout,
    @DefaultValue("4h") Duration maxDuration,
    @DefaultValue("16000") int sampleRate,
    @DefaultValue("true") boolean transcribe,
    @DefaultValue("false") boolean trustForwarded) {
  SocketIoSettings {
    require(maxClients >= 1 && maxClients <= 100_000, "max-clients", maxClients, "1 to 100000");
    require(
        maxPayload.toBytes() >= 1024 && maxPayload.toBytes() <= 64L << 20,
        "max-payload",
        maxPayload,
        "1KB to 64MB");
    within("ping-interval", pingInterval, Duration.ofMillis(100), Duration.ofMinutes(5));
    within("ping-timeout", pingTimeout, Duration.ofMillis(100), Duration.ofMinutes(5));
    within("connect-timeout", connectTimeout, Duration.ofMillis(100), Duration.ofMinutes(5));
    within("max-duration", maxDuration, Duration.ofSeconds(1), Duration.ofHours(24));
    require(
        RecordingRequest.SAMPLE_RATES_HZ.contains(sampleRate),
        "sample-rate",
        sampleRate,
        String.valueOf(RecordingRequest.SAMPLE_RATES_HZ));
  }

  private static void require(boolean holds, String key, Object value, String expected) {
    ApiSettings.require(holds, "linescribe.socketio." + key, value, expected);
  }

  private static void within(String key, Duration value, Duration low, Duration high) {
    require(ApiSettings.between(value, low, high), key, value, low + " to " + high);
  }
}
