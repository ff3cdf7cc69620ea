package org.linescribe.app.tracing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.HexFormat;
import java.util.List;

/**
 * Samples by the trace's id, the same on every node. The SDK's own sampler takes the last 64 bits
 * for random ones, of which the first two are fixed in a UUID.
 *
 * @param percent 0 to 100
 */
record ShareOfSessions(int percent) implements Sampler {
  @Override
  public SamplingResult shouldSample(
      Context parentContext,
      String traceId,
      String name,
      SpanKind spanKind,
      Attributes attributes,
      List<LinkData> parentLinks) {
    return isIn(traceId) ? SamplingResult.recordAndSample() : SamplingResult.drop();
  }

  boolean isIn(String traceId) {
    long mixed = mix(HexFormat.fromHexDigitsToLong(traceId, 16, 32));
    return Long.remainderUnsigned(mixed, 100) < percent;
  }

  /** SplitMix64's last step: every bit of the result depends on every bit of the id. */
  private static long mix(long id) {
    long z = (id ^ (id >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  @Override
  public String getDescription() {
    return "ShareOfSessions{" + percent + "%}";
  }
}
