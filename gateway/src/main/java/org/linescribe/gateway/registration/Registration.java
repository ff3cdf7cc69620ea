package org.linescribe.gateway.registration;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.linescribe.gateway.digest.DigestClient;
import org.linescribe.gateway.sip.SipClient;
import org.linescribe.gateway.sip.SipReply;

/**
 * One account's registration: what to send next, and when.
 *
 * <p>Thread: one at a time. Source: RFC 3261 §10.2, RFC 8760 §2.4.
 */
final class Registration {
  /** A challenge, a stale nonce behind it, and a longer interval each cost a request. */
  private static final int MAX_REQUESTS = 5;

  private static final Duration SHORTEST = Duration.ofSeconds(5);

  private final Account account;
  private final RegistrationSettings settings;
  private final Function<SipClient.Registration, SipReply> registrar;
  private final DigestClient digest;
  private final String callId = UUID.randomUUID().toString();
  private Duration expires;
  private long cseq;
  private int failures;
  private boolean registered;
  private Optional<Duration> granted = Optional.empty();
  private int lastStatus;

  /**
   * @param registrar sends a REGISTER and waits for its answer
   */
  Registration(
      Account account,
      RegistrationSettings settings,
      Function<SipClient.Registration, SipReply> registrar) {
    this.account = account;
    this.settings = settings;
    this.registrar = registrar;
    this.digest =
        new DigestClient(
            Objects.requireNonNull(account.username()), Objects.requireNonNull(account.password()));
    this.expires = Objects.requireNonNull(account.expires());
  }

  boolean isRegistered() {
    return registered;
  }

  /** How long the binding that stands was granted for; empty where none stands. */
  Optional<Duration> granted() {
    return granted;
  }

  /** Of the last answer; 0 where none came. */
  int lastStatus() {
    return lastStatus;
  }

  /**
   * Registers, or refreshes the registration.
   *
   * @return how long to wait before the next time
   */
  Duration refresh() {
    SipReply reply = exchange(expires);
    lastStatus = reply.status();
    registered = reply.status() == 200;
    if (registered) {
      failures = 0;
      Duration granted = reply.expires().orElse(expires);
      this.granted = Optional.of(granted);
      // Early enough for a retry before the binding ends.
      Duration margin = min(granted.dividedBy(4), Duration.ofSeconds(30));
      return max(granted.minus(margin), SHORTEST);
    }
    granted = Optional.empty();
    failures++;
    boolean isRefused = reply.status() == 401 || reply.status() == 403 || reply.status() == 407;
    Duration wait =
        isRefused
            ? settings.maxRetry()
            : min(
                settings.retry().multipliedBy(1L << Math.min(failures - 1, 16)),
                settings.maxRetry());
    return max(jittered(wait), reply.retryAfter().orElse(Duration.ZERO));
  }

  /** Ends the registration. */
  void end() {
    if (registered) {
      registered = false;
      lastStatus = exchange(Duration.ZERO).status();
    }
  }

  private SipReply exchange(Duration wanted) {
    Map<String, String> headers = new HashMap<>();
    SipReply reply = send(wanted, headers);
    for (int i = 1; i < MAX_REQUESTS; i++) {
      if (reply.status() == 401 || reply.status() == 407) {
        String name = reply.status() == 401 ? "Authorization" : "Proxy-Authorization";
        Optional<String> answer =
            digest.answer(
                reply.challenges(),
                "REGISTER",
                Objects.requireNonNull(account.registrar()),
                headers.containsKey(name));
        if (Objects.requireNonNull(account.password()).isEmpty() || answer.isEmpty()) {
          return reply;
        }
        headers.put(name, answer.get());
      } else if (reply.status() == 423 && reply.minExpires().isPresent()) {
        // RFC 3261 §10.2.8: the registrar wants a longer interval.
        expires = min(max(reply.minExpires().get(), expires), Duration.ofHours(24));
        wanted = expires;
      } else {
        return reply;
      }
      reply = send(wanted, headers);
    }
    return reply;
  }

  private SipReply send(Duration wanted, Map<String, String> headers) {
    cseq++;
    return registrar.apply(
        new SipClient.Registration(
            Objects.requireNonNull(account.registrar()),
            Objects.requireNonNull(account.user()),
            Objects.requireNonNull(account.domain()),
            callId,
            cseq,
            wanted,
            headers));
  }

  /** Many gateways that lost one registrar must not return to it at the same moment. */
  private static Duration jittered(Duration wait) {
    return wait.multipliedBy(50 + ThreadLocalRandom.current().nextInt(51)).dividedBy(100);
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }
}
