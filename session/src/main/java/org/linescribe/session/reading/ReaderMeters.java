package org.linescribe.session.reading;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;

/** What readers count, named {@code linescribe.session.readers.…}. Thread: any. */
public final class ReaderMeters {
  final Counter dropped;
  final DistributionSummary lag;

  public ReaderMeters(MeterRegistry registry) {
    dropped = registry.counter("linescribe.session.readers.dropped");
    lag = registry.summary("linescribe.session.readers.lag.finals");
  }
}
