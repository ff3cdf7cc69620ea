package org.linescribe.api.stt;

import static org.linescribe.api.ApiSettings.between;
import static org.linescribe.api.ApiSettings.require;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The door's limits and defaults, {@code linescribe.stt.*}.
 *
 * @param provider who serves a client that names none; empty for the node's default
 * @param language what a client that names none speaks: a BCP 47 tag, or auto for the model's own
 * @param substituteProviders a client that asks for a provider of the documents which this node has
 *     not configured (whisper, google) is served by the default one and told so; else it is refused
 * @param sessionTimeout a session to which nothing comes, not even a keepalive, ends after this
 *     long: 1 s to 24 h
 * @param maxChunk largest request of {@code /stt/stream-chunk}, 1 KiB to 256 MiB; beyond it 413
 * @param maxChunksInHand bytes of chunks received and not yet taken by their sessions, of all
 *     clients together: max-chunk to 64 GiB; beyond it 503
 * @param chunkAnswer how long the answer to a chunk waits for what the recogniser makes of it: 0 to
 *     10 s
 * @param finishWithin how long audio may wait for the recogniser: 1 s to 10 min
 */
@ConfigurationProperties("linescribe.stt")
record SttSettings(
    @DefaultValue("") String provider,
    @DefaultValue("auto") String language,
    @DefaultValue("true") boolean substituteProviders,
    @DefaultValue("5m") Duration sessionTimeout,
    @DefaultValue("10MB") DataSize maxChunk,
    @DefaultValue("256MB") DataSize maxChunksInHand,
    @DefaultValue("200ms") Duration chunkAnswer,
    @DefaultValue("60s") Duration finishWithin) {
  SttSettings {
    require(
        language.equalsIgnoreCase(Languages.AUTO) || Languages.isTag(language),
        "linescribe.stt.language",
        language,
        "auto or a BCP 47 tag");
    require(
        between(sessionTimeout, Duration.ofSeconds(1), Duration.ofHours(24)),
        "linescribe.stt.session-timeout",
        sessionTimeout,
        "1s to 24h");
    require(
        maxChunk.toBytes() >= 1024 && maxChunk.toBytes() <= 256L << 20,
        "linescribe.stt.max-chunk",
        maxChunk,
        "1KB to 256MB");
    require(
        maxChunksInHand.compareTo(maxChunk) >= 0 && maxChunksInHand.toBytes() <= 64L << 30,
        "linescribe.stt.max-chunks-in-hand",
        maxChunksInHand,
        "max-chunk to 64GB");
    require(
        between(chunkAnswer, Duration.ZERO, Duration.ofSeconds(10)),
        "linescribe.stt.chunk-answer",
        chunkAnswer,
        "0s to 10s");
    require(
        between(finishWithin, Duration.ofSeconds(1), Duration.ofMinutes(10)),
        "linescribe.stt.finish-within",
        finishWithin,
        "1s to 10m");
  }
}
