package org.linescribe.gateway.registration;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.gateway.sip.SipClient;
import org.linescribe.gateway.sip.SipReply;
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
  private final CountDownLatch closing = new CountDownLatch(1);

  public Registrations(RegistrationSettings settings, SipClient client, MeterRegistry registry) {
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
        wait = registration.refresh();
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
        registration.end();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException bug) {
      LOG.error("registration of {} failed", account, bug);
    }
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
