package org.linescribe.api.files;

import static org.linescribe.api.ApiSettings.between;
import static org.linescribe.api.ApiSettings.require;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The limits of the files door, {@code linescribe.files.*}.
 *
 * @param directory where uploads wait for their turn, or empty for a folder of the system's
 *     temporary one; what an earlier run left there is removed at start
 * @param maxSize of an upload, 1 KiB to 4 GiB; beyond it 413
 * @param maxDuration of a recording, 1 s to 24 h; beyond it 413
 * @param workers files in work at one time, 1 to 64, or 0 for half of the processors, as one file
 *     is decoded by all of them
 * @param maxQueue files that wait or are being uploaded, 1 to 100,000; beyond it 503
 * @param maxQueuePerClient of these, of one client, 1 to max-queue; beyond it 503
 * @param uploadStall how long a client may send nothing while it uploads, 1 s to 5 min; beyond it
 *     408
 * @param heartbeat of an event stream, 1 s to 1 min
 * @param timeout of the processing of a file whose client holds a stream, 1 s to 24 h
 * @param pollTimeout of the processing of a file whose client polls, 1 s to 24 h
 * @param keepResults how long a result can be asked for, 1 min to 7 days
 * @param maxResults results kept, 1 to 100,000; the oldest goes first
 * @param provider the recogniser to ask for; where the node has none of that name, its default
 */
@ConfigurationProperties("linescribe.files")
public record FilesSettings(
    @Nullable Path directory,
    @DefaultValue("100MB") DataSize maxSize,
    @DefaultValue("4h") Duration maxDuration,
    @DefaultValue("0") int workers,
    @DefaultValue("64") int maxQueue,
    @DefaultValue("16") int maxQueuePerClient,
    @DefaultValue("30s") Duration uploadStall,
    @DefaultValue("10s") Duration heartbeat,
    @DefaultValue("5m") Duration timeout,
    @DefaultValue("60m") Duration pollTimeout,
    @DefaultValue("1h") Duration keepResults,
    @DefaultValue("500") int maxResults,
    @DefaultValue("sherpa-parts") String provider) {
  public FilesSettings {
    Duration day = Duration.ofHours(24);
    Duration second = Duration.ofSeconds(1);
    require(
        maxSize.toBytes() >= 1024 && maxSize.toBytes() <= 4L << 30,
        "linescribe.files.max-size",
        maxSize,
        "1KB to 4GB");
    require(
        between(maxDuration, second, day),
        "linescribe.files.max-duration",
        maxDuration,
        "1s to 24h");
    require(workers >= 0 && workers <= 64, "linescribe.files.workers", workers, "0 to 64");
    require(
        maxQueue >= 1 && maxQueue <= 100_000,
        "linescribe.files.max-queue",
        maxQueue,
        "1 to 100000");
    require(
        maxQueuePerClient >= 1 && maxQueuePerClient <= maxQueue,
        "linescribe.files.max-queue-per-client",
        maxQueuePerClient,
        "1 to max-queue");
    require(
        between(uploadStall, second, Duration.ofMinutes(5)),
        "linescribe.files.upload-stall",
        uploadStall,
        "1s to 5m");
    require(
        between(heartbeat, second, Duration.ofMinutes(1)),
        "linescribe.files.heartbeat",
        heartbeat,
        "1s to 1m");
    require(between(timeout, second, day), "linescribe.files.timeout", timeout, "1s to 24h");
    require(
        between(pollTimeout, second, day),
        "linescribe.files.poll-timeout",
        pollTimeout,
        "1s to 24h");
    require(
        between(keepResults, Duration.ofMinutes(1), Duration.ofDays(7)),
        "linescribe.files.keep-results",
        keepResults,
        "1m to 7d");
    require(
        maxResults >= 1 && maxResults <= 100_000,
        "linescribe.files.max-results",
        maxResults,
        "1 to 100000");
  }

  int workerCount() {
    return workers > 0
        ? workers
        : Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 64);
  }
}
