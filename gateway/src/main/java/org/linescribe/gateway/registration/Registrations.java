package org.linescribe.gateway.registration;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.gateway.sip.SipClient;
import org.linescribe.gateway.sip.SipReply;
import org.linescribe.session.calls.RegistrationStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the gateway registered at its registrars, each by a virtual thread of its own.
 *
 * <p>Thread: {@link #start} and {@link #close} from one thread.
 */
public final class Registrations implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Registrations.class);

  /** The stack gives up a transaction after 32 s. */
  private static final long ANSWER_S = 40;

  private static final Duration END_LIMIT = Duration.ofSeconds(2);

  private final RegistrationSettings settings;
  private final SipClient client;
  private final Counter failures;
  private final AtomicInteger registered = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();
  private final Clock clock;
  private final Map<Account, RegistrationStatus> states = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  public Registrations(
      RegistrationSettings settings, SipClient client, MeterRegistry registry, Clock clock) {
    this.clock = clock;
    this.settings = settings;
    this.client = client;
    this.failures =
        Counter.builder("linescribe.registration.failures")
            .description("REGISTER requests that a registrar refused or did not answer.")
            .register(registry);
    Gauge.builder("linescribe.registration.active", registered::get)
        .description("Registrations that stand.")
        .register(registry);
  }

  public void start() {
    for (Account account : settings.accounts()) {
      states.put(
          account,
          status(
              account,
              RegistrationStatus.State.REGISTERING,
              0,
              Optional.empty(),
              Optional.empty()));
      threads.add(
          Thread.ofVirtual()
              .name("linescribe-registration-" + account.user())
              .start(() -> keep(account)));
    }
  }

  private void keep(Account account) {
    Registration registration = new Registration(account, settings, this::register);
    try {
      boolean wasRegistered = false;
      int lastStatus = 0;
      Duration wait;
      do {
        Instant askedAt = clock.instant();
        wait = registration.refresh();
        states.put(account, status(account, registration, askedAt, clock.instant().plus(wait)));
        boolean isRegistered = registration.isRegistered();
        if (isRegistered != wasRegistered || registration.lastStatus() != lastStatus) {
          if (isRegistered) {
            LOG.info("registered: {}", account);
          } else {
            LOG.warn("not registered: {}: {}", account, registration.lastStatus());
          }
        }
        if (!isRegistered) {
          failures.increment();
        }
        registered.addAndGet((isRegistered ? 1 : 0) - (wasRegistered ? 1 : 0));
        wasRegistered = isRegistered;
        lastStatus = registration.lastStatus();
      } while (!closing.await(wait.toMillis(), TimeUnit.MILLISECONDS));
      if (wasRegistered) {
        registered.decrementAndGet();
        states.remove(account);
        registration.end();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException bug) {
      LOG.error("registration of {} failed", account, bug);
    }
  }

  private static RegistrationStatus status(
      Account account, Registration registration, Instant askedAt, Instant nextAt) {
    int code = registration.lastStatus();
    return status(
        account,
        registration.isRegistered()
            ? RegistrationStatus.State.REGISTERED
            : code == 0 ? RegistrationStatus.State.UNANSWERED : RegistrationStatus.State.REFUSED,
        code,
        registration.granted().map(askedAt::plus),
        Optional.of(nextAt));
  }

  private static RegistrationStatus status(
      Account account,
      RegistrationStatus.State state,
      int code,
      Optional<Instant> until,
      Optional<Instant> nextAt) {
    return new RegistrationStatus(
        account.user() + "@" + account.domain(),
        Objects.requireNonNull(account.registrar()),
        state,
        code == 0 ? OptionalInt.empty() : OptionalInt.of(code),
        until,
        nextAt);
  }

  /** In the order of the settings; from any thread. */
  public List<RegistrationStatus> states() {
    return settings.accounts().stream().map(states::get).filter(Objects::nonNull).toList();
  }

  private SipReply register(SipClient.Registration request) {
    return client
        .register(request)
        .toCompletableFuture()
        .completeOnTimeout(SipReply.none(), ANSWER_S, TimeUnit.SECONDS)
        .join();
  }

  /** Ends the registrations; waits 2 s at most. */
  @Override
  public void close() {
    closing.countDown();
    long deadlineNs = System.nanoTime() + END_LIMIT.toNanos();
    try {
      for (Thread thread : threads) {
        long leftMs = Math.max(1, (deadlineNs - System.nanoTime()) / 1_000_000);
        if (!thread.join(Duration.ofMillis(leftMs))) {
          thread.interrupt();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
