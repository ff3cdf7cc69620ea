package org.linescribe.api.socketio;

import java.time.Duration;
import org.linescribe.api.socketio.protocol.EngineSettings;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/** Recording by Socket.IO, namespace {@code /streaming}. */
@ConfigurationProperties("linescribe.socketio")
@SettingsGroup("linescribe.socketio")
record SocketIoSettings(
    @Setting(
            "Folder of the WAV files that /static/audio serves, created when missing; empty:"
                + " recordings in the data folder.")
        @DefaultValue("")
        String storagePath,
    @Setting("Connections at once; more get 503 or 1013.")
        @Range("1 to 100000")
        @DefaultValue("1000")
        int maxClients,
    @Setting(
            "The largest WebSocket message and polling request; beyond it 1009 or 413. Long-polling"
                + " carries binary as Base64, so a chunk may have three quarters of it.")
        @Range("1KB to 64MB")
        @DefaultValue("1MB")
        DataSize maxPayload,
    @Setting("How often a client is asked for a sign of life.")
        @Range("100ms to 5m")
        @DefaultValue("25s")
        Duration pingInterval,
    @Setting("How long it may take to give it.") @Range("100ms to 5m") @DefaultValue("20s")
        Duration pingTimeout,
    @Setting("How long a connection may be outside of any namespace.")
        @Range("100ms to 5m")
        @DefaultValue("45s")
        Duration connectTimeout,
    @Setting(
            "The longest recording; further chunks are refused, as they are where the WAV file"
                + " would pass 4 GiB.")
        @Range("1s to 24h")
        @DefaultValue("4h")
        Duration maxDuration,
    @Setting("Hz of raw PCM, and of the file, where the client names none.") @DefaultValue("16000")
        int sampleRate,
    @Setting("Whether a recording is transcribed where the client does not say.")
        @DefaultValue("true")
        boolean transcribe,
    @Setting(
            "Whether X-Forwarded-Proto and X-Forwarded-Host determine the files' URLs; only behind"
                + " a proxy that sets them.")
        @DefaultValue("false")
        boolean trustForwarded) {
  SocketIoSettings {
    SettingsCheck.ranges(
        SocketIoSettings.class,
        maxClients,
        maxPayload,
        pingInterval,
        pingTimeout,
        connectTimeout,
        maxDuration);
    SettingsCheck.require(
        RecordingRequest.SAMPLE_RATES_HZ.contains(sampleRate),
        "linescribe.socketio.sample-rate",
        sampleRate,
        String.valueOf(RecordingRequest.SAMPLE_RATES_HZ));
  }

  /** What the protocol needs of these. */
  EngineSettings engine(boolean keyRequired) {
    return new EngineSettings(
        maxClients,
        Math.toIntExact(maxPayload.toBytes()),
        pingInterval,
        pingTimeout,
        connectTimeout,
        trustForwarded,
        keyRequired);
  }
}
