package org.linescribe.api.files;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/** Limits of {@code POST /audio/process…}. */
@ConfigurationProperties("linescribe.files")
@SettingsGroup("linescribe.files")
public record FilesSettings(
    @Setting(
            "Folder where uploads wait for their turn; what an earlier run left there is removed at"
                + " start. Not set: uploads in the data folder.")
        @Nullable Path directory,
    @Setting("Largest upload; beyond it 413.") @Range("1KB to 4GB") @DefaultValue("100MB")
        DataSize maxSize,
    @Setting("Longest recording; beyond it 413.") @Range("1s to 24h") @DefaultValue("4h")
        Duration maxDuration,
    @Setting(
            "Files in work at one time; 0 takes half of the processors, as one file is decoded by"
                + " all of them.")
        @Range("0 to 64")
        @DefaultValue("0")
        int workers,
    @Setting("Files that wait or are being uploaded; beyond it 503.")
        @Range("1 to 100000")
        @DefaultValue("64")
        int maxQueue,
    @Setting("Of these, of one client, at most max-queue; beyond it 503.")
        @Range("at least 1")
        @DefaultValue("16")
        int maxQueuePerClient,
    @Setting("How long a client may send nothing while it uploads; beyond it 408.")
        @Range("1s to 5m")
        @DefaultValue("30s")
        Duration uploadStall,
    @Setting("Interval of the heartbeats of an event stream.")
        @Range("1s to 1m")
        @DefaultValue("10s")
        Duration heartbeat,
    @Setting("Longest processing of a file whose client holds a stream.")
        @Range("1s to 24h")
        @DefaultValue("5m")
        Duration timeout,
    @Setting("Longest processing of a file whose client polls.")
        @Range("1s to 24h")
        @DefaultValue("60m")
        Duration pollTimeout,
    @Setting("How long a result can be asked for.") @Range("1m to 168h") @DefaultValue("1h")
        Duration keepResults,
    @Setting("Results kept; the oldest goes first.") @Range("1 to 100000") @DefaultValue("500")
        int maxResults,
    @Setting("The recogniser to ask for; where the node has none of that name, its default.")
        @DefaultValue("sherpa-parts")
        String provider) {
  public FilesSettings {
    SettingsCheck.ranges(
        FilesSettings.class,
        maxSize,
        maxDuration,
        workers,
        maxQueue,
        maxQueuePerClient,
        uploadStall,
        heartbeat,
        timeout,
        pollTimeout,
        keepResults,
        maxResults);
    SettingsCheck.require(
        maxQueuePerClient <= maxQueue,
        "linescribe.files.max-queue-per-client",
        maxQueuePerClient,
        "1 to max-queue");
  }

  int workerCount() {
    return workers > 0
        ? workers
        : Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 64);
  }
}
