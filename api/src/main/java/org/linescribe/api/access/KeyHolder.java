package org.linescribe.api.access;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.linescribe.api.Caller;
import org.linescribe.api.Places;

/**
 * One key's holder and how much of its share is used.
 *
 * <p>Thread: any.
 */
final class KeyHolder implements Caller {
  private final String name;
  private final TokenBucket bucket;
  private final Places open;
  private final Counter granted;
  private final Counter tooMany;
  private final Counter tooFast;

  KeyHolder(String name, int maxOpen, TokenBucket bucket, MeterRegistry registry) {
    this.name = name;
    this.bucket = bucket;
    this.open = new Places(maxOpen);
    this.granted =
        Counter.builder("linescribe.access.granted")
            .description("Requests and WebSockets let in, by the key's name")
            .tag("key", name)
            .register(registry);
    this.tooMany = refused(registry, name, "max-open");
    this.tooFast = refused(registry, name, "requests-per-second");
    Gauge.builder("linescribe.access.open", open, Places::taken)
        .description("WebSockets and requests open now, by the key's name")
        .tag("key", name)
        .register(registry);
  }

  /**
   * A counter of requests that were turned away.
   *
   * @param key the key's name, "none" where there was none or it is not known
   */
  static Counter refused(MeterRegistry registry, String key, String reason) {
    return Counter.builder("linescribe.access.refused")
        .description("Requests turned away, by the key's name and the reason or limit")
        .tag("key", key)
        .tag("reason", reason)
        .register(registry);
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Counts a request against the rate.
   *
   * @return 0, or how long to wait
   */
  long takeOrWaitNs(long nowNs) {
    long waitNs = bucket.takeOrWaitNs(nowNs);
    (waitNs == 0 ? granted : tooFast).increment();
    return waitNs;
  }

  @Override
  public boolean enter() {
    boolean entered = open.enter();
    if (!entered) {
      tooMany.increment();
    }
    return entered;
  }

  @Override
  public void leave() {
    open.leave();
  }
}
