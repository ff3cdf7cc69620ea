package org.linescribe.asr;

import java.util.OptionalInt;

/**
 * How a recogniser keeps up, for admission and metrics.
 *
 * @param openStreams streams open now
 * @param backlogMs audio accepted and not yet decoded, of the stream that is furthest behind
 * @param saturated the decoders are behind real time: no new stream should be admitted
 * @param moreStreams how many more that speak as the open ones do have time before it is saturated;
 *     empty where the cost of these is not known
 */
public record RecogniserLoad(
    int openStreams, long backlogMs, boolean saturated, OptionalInt moreStreams) {
  public RecogniserLoad {
    moreStreams = saturated ? OptionalInt.of(0) : moreStreams;
  }

  /** Without knowing what a stream costs. */
  public RecogniserLoad(int openStreams, long backlogMs, boolean saturated) {
    this(openStreams, backlogMs, saturated, OptionalInt.empty());
  }
}
