package org.linescribe.asr;

/**
 * How a recogniser keeps up, for admission and metrics.
 *
 * @param openStreams streams open now
 * @param backlogMs audio accepted and not yet decoded, of the stream that is furthest behind
 * @param saturated the decoders are behind real time: no new stream should be admitted
 */
public record RecogniserLoad(int openStreams, long backlogMs, boolean saturated) {}
