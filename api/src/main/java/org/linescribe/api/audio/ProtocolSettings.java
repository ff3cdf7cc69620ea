package org.linescribe.api.audio;

import java.time.Duration;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/** Limits of the protocols that other systems' clients speak. */
@ConfigurationProperties("linescribe.protocols")
@SettingsGroup("linescribe.protocols")
public record ProtocolSettings(
    @Setting("How long received audio may wait for the recogniser.")
        @Range("1s to 10m")
        @DefaultValue("60s")
        Duration finishWithin,
    @Setting("Largest file of POST /v1/listen and POST /v1/audio/transcriptions; beyond it 413.")
        @Range("1KB to 10GB")
        @DefaultValue("100MB")
        DataSize maxFile,
    @Setting("Longest recording of such a file.") @Range("1s to 24h") @DefaultValue("4h")
        Duration maxDuration,
    @Setting("How long an upload may send nothing; beyond it 408.")
        @Range("1s to 10m")
        @DefaultValue("30s")
        Duration uploadStall) {
  public ProtocolSettings {
    SettingsCheck.ranges(ProtocolSettings.class, finishWithin, maxFile, maxDuration, uploadStall);
  }
}
