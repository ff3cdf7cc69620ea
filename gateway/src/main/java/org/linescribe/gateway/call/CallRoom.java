package org.linescribe.gateway.call;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.sip.SipCallHandler;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipTransaction;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;

/**
 * The calls of this gateway, and what each of them needs.
 *
 * <p>Thread: any.
 */
final class CallRoom implements SipCallHandler {
  private final CallSettings settings;
  private final Sessions sessions;
  private final RtpEngine rtp;
  private final CallMetrics metrics;
  private final Clock clock;
  private final LongSupplier nanoClock;
  private final String advertisedAddress;
  private final InetAddress rtpAddress;
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  CallRoom(
      CallSettings settings,
      Sessions sessions,
      RtpEngine rtp,
      MeterRegistry registry,
      Clock clock,
      LongSupplier nanoClock,
      String advertisedAddress,
      InetAddress rtpAddress) {
    this.settings = settings;
    this.sessions = sessions;
    this.rtp = rtp;
    this.metrics = new CallMetrics(registry, calls::size);
    this.clock = clock;
    this.nanoClock = nanoClock;
    this.advertisedAddress = advertisedAddress;
    this.rtpAddress = rtpAddress;
  }

  @Override
  public void onInvite(SipDialog dialog, SipTransaction invite) {
    Optional<SipRefusal> refusal = admission(dialog);
    if (refusal.isPresent()) {
      metrics.ended(new CallOutcome.Rejected(refusal.get().status()), 0);
      invite.reject(refusal.get());
      return;
    }
    SessionId sessionId = chosenId(dialog).map(SessionId::new).orElseGet(sessions::newSessionId);
    Call call = new Call(rtp.nextLoop(), this, dialog, invite, sessionId);
    calls.add(call);
    call.begin();
    if (draining) {
      // It began between the look and the entry, and may not have seen this call.
      call.end(new CallOutcome.Drained());
    }
  }

  private Optional<SipRefusal> admission(SipDialog dialog) {
    if (draining) {
      return Optional.of(SipRefusal.unavailable("Shutting down", settings.retryAfter()));
    }
    if (calls.size() >= settings.maxCalls()) {
      return Optional.of(SipRefusal.unavailable("Too many calls", settings.retryAfter()));
    }
    return chosenId(dialog)
        .filter(id -> !SessionId.isValid(id))
        .map(
            id ->
                SipRefusal.warned(
                    400,
                    "Bad " + Call.SESSION_ID_HEADER,
                    399,
                    Call.SESSION_ID_HEADER
                        + " expected: 1 to 128 of A-Z a-z 0-9 . _ ~ -, not only dots"));
  }

  private Optional<String> chosenId(SipDialog dialog) {
    return settings.sessionIdHeader() ? dialog.header(Call.SESSION_ID_HEADER) : Optional.empty();
  }

  void gone(Call call) {
    calls.remove(call);
    synchronized (calls) {
      calls.notifyAll();
    }
  }

  /** Refuses new calls, ends the open ones with their words kept, and waits. */
  void drain(Duration atMost) throws InterruptedException {
    draining = true;
    calls.forEach(call -> call.end(new CallOutcome.Drained()));
    long deadlineNs = System.nanoTime() + atMost.toNanos();
    synchronized (calls) {
      while (!calls.isEmpty()) {
        long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
        if (leftMs <= 0) {
          return;
        }
        calls.wait(leftMs);
      }
    }
  }

  /** The address that SDP names: the advertised one, else the one that the peer reached. */
  String mediaAddress(SipDialog dialog) {
    if (!advertisedAddress.isEmpty()) {
      return advertisedAddress;
    }
    InetAddress address = rtpAddress.isAnyLocalAddress() ? dialog.localAddress() : rtpAddress;
    return address.getHostAddress().replaceFirst("%.*", "");
  }

  int size() {
    return calls.size();
  }

  CallSettings settings() {
    return settings;
  }

  Sessions sessions() {
    return sessions;
  }

  RtpEngine rtp() {
    return rtp;
  }

  CallMetrics metrics() {
    return metrics;
  }

  Clock clock() {
    return clock;
  }

  LongSupplier nanoClock() {
    return nanoClock;
  }
}
