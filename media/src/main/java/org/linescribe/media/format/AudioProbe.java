package org.linescribe.media.format;

import java.util.OptionalLong;

/**
 * What a file says of itself, before it is decoded. Untrusted: a file may claim anything.
 *
 * @param durationMs empty where the container does not tell
 * @param codec FFmpeg's name of the first audio stream's codec: "aac", "opus"
 * @param sampleRateHz of the first audio stream, 0 when not told
 */
public record AudioProbe(OptionalLong durationMs, String codec, int sampleRateHz) {}
