package org.linescribe.media.format;

import java.util.OptionalLong;

/**
 * What a file's headers claim, before it is decoded. Untrusted: a file may claim anything.
 *
 * @param durationMs empty where the container does not hold it
 * @param codec FFmpeg's name of the first audio stream's codec: "aac", "opus"; "pcm" where only
 *     LineScribe reads the file
 * @param sampleRateHz of the first audio stream, 0 when unknown
 */
public record AudioProbe(OptionalLong durationMs, String codec, int sampleRateHz) {}
