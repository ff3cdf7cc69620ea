package org.linescribe.api.access;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.linescribe.api.http.Caller;
import org.linescribe.api.http.KeySummary;

/**
 * One key's holder and how much of its share is used.
 *
 * <p>Thread: any.
 */
final class KeyHolder implements Caller {
  private final String name;
  private final String owner;
  private final TokenBucket bucket;
  private final Set<Scope> scopes;
  private final int maxOpen;
  private final Semaphore open;
  private final Counter granted;
  private final Counter tooMany;
  private final Counter tooFast;
  private final Counter outOfScope;
  private final Gauge held;

  /**
   * @param name in metrics and lists
   * @param owner of what it sends
   */
  KeyHolder(
      String name,
      String owner,
      Set<Scope> scopes,
      int maxOpen,
      TokenBucket bucket,
      MeterRegistry registry) {
    this.name = name;
    this.owner = owner;
    this.scopes = scopes;
    this.bucket = bucket;
    this.maxOpen = maxOpen;
    this.open = new Semaphore(maxOpen);
    this.granted =
        Counter.builder("linescribe.access.granted")
            .description("Requests and WebSockets admitted, by the key's name")
            .tag("key", name)
            .register(registry);
    this.tooMany = refused(registry, name, "max-open");
    this.outOfScope = refused(registry, name, "scope");
    this.tooFast = refused(registry, name, "requests-per-second");
    this.held =
        Gauge.builder("linescribe.access.open", open, taken -> maxOpen - taken.availablePermits())
            .description("WebSockets and requests open now, by the key's name")
            .tag("key", name)
            .register(registry);
  }

  /**
   * A counter of refused requests.
   *
   * @param key the key's name, "none" where there was none or it is not known
   */
  static Counter refused(MeterRegistry registry, String key, String reason) {
    return Counter.builder("linescribe.access.refused")
        .description("Requests refused, by the key's name and the reason or limit")
        .tag("key", key)
        .tag("reason", reason)
        .register(registry);
  }

  /** Takes its meters away; the key is revoked. */
  void forget(MeterRegistry registry) {
    List.of(granted, tooMany, tooFast, outOfScope, held).forEach(registry::remove);
  }

  @Override
  public String getName() {
    return owner;
  }

  KeySummary summary() {
    return new KeySummary(
        name,
        owner,
        scopes.stream().map(scope -> scope.name().toLowerCase(Locale.ROOT)).sorted().toList(),
        maxOpen - open.availablePermits());
  }

  @Override
  public boolean seesAll() {
    return scopes.contains(Scope.ADMIN);
  }

  /** Whether the key may do this; counts where it may not. */
  boolean may(Scope scope) {
    boolean may = scopes.contains(scope);
    if (!may) {
      outOfScope.increment();
    }
    return may;
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
    boolean entered = open.tryAcquire();
    if (!entered) {
      tooMany.increment();
    }
    return entered;
  }

  @Override
  public void leave() {
    open.release();
  }
}
