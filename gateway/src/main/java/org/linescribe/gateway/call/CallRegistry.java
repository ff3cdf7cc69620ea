package org.linescribe.gateway.call;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sip.SipCallHandler;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipTransaction;
import org.linescribe.gateway.trunk.CallAdmission;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.LineStatus;
import org.linescribe.session.calls.TrunkStatus;

/**
 * The calls of this gateway: admission and drain.
 *
 * <p>Thread: any.
 */
final class CallRegistry implements SipCallHandler {
  /** Time for two repetitions of the answer (RFC 3261 §13.3.1.4: after 0.5 and 1.5 s). */
  private static final long ACK_PATIENCE_NS = 2_000_000_000L;

  private final CallContext context;
  private final String advertisedAddress;
  private final InetAddress rtpAddress;
  private final CallAdmission admission;
  private final PendingCalls pending;
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;
  private volatile boolean refusing;

  CallRegistry(
      CallContext context,
      String advertisedAddress,
      InetAddress rtpAddress,
      CallAdmission admission) {
    this.context = context;
    this.advertisedAddress = advertisedAddress;
    this.rtpAddress = rtpAddress;
    this.admission = admission;
    this.pending = new PendingCalls(context.settings().maxPendingPerSource());
  }

  @Override
  public void onInvite(SipDialog dialog, SipTransaction invite) {
    begin(dialog, invite).ifPresent(refusal -> refuse(invite, refusal));
  }

  /** One at a time, so that no two count on the same place. */
  private synchronized Optional<SipRefusal> begin(SipDialog dialog, SipTransaction invite) {
    Optional<SipRefusal> stopping = stopping();
    if (stopping.isPresent()) {
      return stopping;
    }
    if (isFull() && waiting(_ -> true).isEmpty()) {
      return Optional.of(unavailable("Too many calls"));
    }
    return switch (admission.admit(caller(dialog), context.clock().millis())) {
      case CallAdmission.Decision.Admitted admitted -> begin(dialog, invite, admitted);
      case CallAdmission.Decision.Challenged challenged ->
          Optional.of(SipRefusal.unauthorized(challenged.challenges()));
      case CallAdmission.Decision.Forbidden forbidden ->
          Optional.of(SipRefusal.of(403, forbidden.why()));
      case CallAdmission.Decision.Busy busy -> Optional.of(unavailable(busy.why()));
    };
  }

  /** Why an admitted call may place no other now. Thread: any. */
  Optional<SipRefusal> mayPlace(CallAdmission.Decision.Admitted admitted) {
    return admission.mayPlace(admitted, context.clock().millis())
        ? Optional.empty()
        : Optional.of(unavailable("Trunk limit reached"));
  }

  @Override
  public Optional<SipRefusal> stopping() {
    return draining || refusing ? Optional.of(unavailable("Shutting down")) : Optional.empty();
  }

  private Optional<SipRefusal> begin(
      SipDialog dialog, SipTransaction invite, CallAdmission.Decision.Admitted admitted) {
    boolean isBegun = false;
    @Nullable PendingCall place = null;
    try {
      if (!dialog.protocol().equals("udp") || admission.hasProved(admitted)) {
        // A connection, or an answer to our nonce, shows that the address is the caller's.
        pending.prove(dialog.remoteAddress());
      }
      Optional<SipRefusal> refusal =
          wrongId(dialog, admitted)
              .or(() -> dialog.replaces().flatMap(this::refusal))
              // Last: another call may be given up for it, which must not be for one refused.
              .or(() -> noPlace(dialog.remoteAddress()));
      if (refusal.isPresent()) {
        return refusal;
      }
      SessionId sessionId =
          replaced(dialog)
              .map(Call::sessionId)
              .or(() -> chosenId(dialog, admitted).map(SessionId::new))
              .orElseGet(context.sessions()::newSessionId);
      place = pending.begin(dialog.remoteAddress());
      IncomingCall incoming = new IncomingCall(dialog, invite, sessionId, admitted, place);
      Call call = new Call(context.rtp().nextLoop(), context, this, incoming);
      calls.add(call);
      isBegun = true;
      call.begin();
      if (draining) {
        // The drain began after the check and may have missed this call.
        call.end(new CallOutcome.Drained());
      }
      return Optional.empty();
    } finally {
      if (!isBegun) {
        admission.ended(admitted);
        if (place != null) {
          place.end();
        }
      }
    }
  }

  private void refuse(SipTransaction invite, SipRefusal refusal) {
    context.metrics().ended(new CallOutcome.Rejected(refusal.status()), 0);
    invite.reject(refusal);
  }

  private static CallAdmission.Caller caller(SipDialog dialog) {
    return new CallAdmission.Caller(
        dialog.remoteAddress(),
        dialog.calledHost(),
        dialog.calledUser(),
        dialog.callingUser(),
        dialog.authorizations());
  }

  private SipRefusal unavailable(String why) {
    return SipRefusal.unavailable(why, context.settings().retryAfter());
  }

  private Optional<SipRefusal> wrongId(SipDialog dialog, CallAdmission.Decision.Admitted admitted) {
    return chosenId(dialog, admitted)
        .filter(id -> !SessionId.isValid(id))
        .map(
            id ->
                SipRefusal.warned(
                    400,
                    "Bad " + Call.SESSION_ID_HEADER,
                    399,
                    Call.SESSION_ID_HEADER
                        + " expected: 1 to 128 of A-Z a-z 0-9 . _ ~ - + ! @ :, not only dots"));
  }

  List<TrunkStatus> trunks() {
    return admission.trunks();
  }

  LineStatus.LineUsage usage() {
    return new LineStatus.LineUsage(calls.size(), context.settings().maxCalls());
  }

  private boolean isFull() {
    return calls.size() >= context.settings().maxCalls();
  }

  /** Takes a place from a call that is not acknowledged, where that is the only way. */
  private Optional<SipRefusal> noPlace(InetAddress source) {
    PendingCalls.Verdict verdict = pending.mayBegin(source);
    if (verdict == PendingCalls.Verdict.NO
        || verdict == PendingCalls.Verdict.INSTEAD_OF_ANOTHER && !gaveUp(Call::isUnproven)) {
      return Optional.of(unavailable("Too many unacknowledged calls"));
    }
    return isFull() && !gaveUp(Call::isUnproven) && !gaveUp(_ -> true)
        ? Optional.of(unavailable("Too many calls"))
        : Optional.empty();
  }

  /**
   * Gives up the call that has waited longest for its ACK. Who calls acknowledges within a round
   * trip; who floods from addresses that are not its own never does, and would keep every place
   * until the ACK's time-out.
   */
  private boolean gaveUp(Predicate<Call> among) {
    for (Waiting waiting : waiting(among)) {
      // Not where its ACK came meanwhile.
      if (waiting.call.giveUp()) {
        remove(waiting.call);
        return true;
      }
    }
    return false;
  }

  /** A call whose ACK is overdue; its time is read once, for it goes on while calls are sorted. */
  private record Waiting(Call call, long ns) {}

  /** The longest first. */
  private List<Waiting> waiting(Predicate<Call> among) {
    return calls.stream()
        .map(call -> new Waiting(call, call.unacknowledgedNs()))
        .filter(waiting -> waiting.ns >= ACK_PATIENCE_NS && among.test(waiting.call))
        .sorted(Comparator.comparingLong(Waiting::ns).reversed())
        .toList();
  }

  /**
   * The call whose session a new one takes over. Its own source is superseded then, which hangs it
   * up.
   */
  private Optional<Call> replaced(SipDialog dialog) {
    return dialog.replaces().flatMap(this::find);
  }

  private Optional<Call> find(SipDialog.Replaced replaced) {
    return calls.stream().filter(call -> call.is(replaced)).findFirst();
  }

  /** Source: RFC 3891 §3. */
  private Optional<SipRefusal> refusal(SipDialog.Replaced replaced) {
    Optional<Call> call = find(replaced);
    if (call.isEmpty() || !call.get().isAnswered()) {
      return Optional.of(SipRefusal.of(481, "Call/Transaction Does Not Exist"));
    }
    return replaced.isEarlyOnly() ? Optional.of(SipRefusal.of(486, "Busy Here")) : Optional.empty();
  }

  private Optional<String> chosenId(SipDialog dialog, CallAdmission.Decision.Admitted admitted) {
    return context.settings().sessionIdHeader()
            && (admitted.trunk().isPresent()
                || context.networks().isTrusted(dialog.remoteAddress()))
        ? dialog.header(Call.SESSION_ID_HEADER)
        : Optional.empty();
  }

  void remove(Call call) {
    if (calls.remove(call)) {
      admission.ended(call.admitted());
    }
    synchronized (calls) {
      calls.notifyAll();
    }
  }

  /** Refuses new calls with 503; the open ones go on. */
  void refuseNew() {
    refusing = true;
  }

  /** Waits until no call is open. */
  void awaitNone(Duration atMost) throws InterruptedException {
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

  /** The open calls. */
  Set<Call> calls() {
    return calls;
  }

  /** Refuses new calls, ends the open ones with their transcript kept, and waits. */
  void drain(Duration atMost) throws InterruptedException {
    draining = true;
    calls.forEach(call -> call.end(new CallOutcome.Drained()));
    awaitNone(atMost);
  }

  /** The address for our SDP: the advertised one, else the one that the peer reached. */
  String mediaAddress(SipDialog dialog) {
    if (!advertisedAddress.isEmpty()) {
      return advertisedAddress;
    }
    InetAddress address = rtpAddress.isAnyLocalAddress() ? dialog.localAddress() : rtpAddress;
    return address.getHostAddress().replaceFirst("%.*", "");
  }
}
