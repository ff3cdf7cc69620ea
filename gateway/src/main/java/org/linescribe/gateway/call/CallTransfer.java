package org.linescribe.gateway.call;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.call.CallTimers.CallTimer;
import org.linescribe.gateway.digest.DigestClient;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipInvitation;
import org.linescribe.gateway.sip.SipReferral;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.trunk.ReferralTargets;

/**
 * Follows a REFER: calls whom the peer names, and lets the call go on with it. The media stays,
 * with its timeline and its session; only its peer changes, as by a re-INVITE with another address.
 *
 * <p>Until the target has answered the call goes on with the peer that asked, or waits where that
 * has hung up.
 *
 * <p>Thread: the call's event loop. Source: RFC 3515, RFC 5589 §6.
 */
final class CallTransfer {
  /** How long the target may ring. */
  private static final Duration RING_TIME = Duration.ofSeconds(60);

  /** How long the end of the old dialog waits for the answer to its last NOTIFY. */
  private static final int TOLD_WITHIN_S = 2;

  /** The call that is to go on. */
  interface Transferred {
    /** Why it cannot be transferred now. */
    Optional<SipRefusal> refusal();

    /** The offer for another peer. */
    byte[] offer(boolean isSecure);

    /**
     * The call goes on with another peer.
     *
     * @param to as the peer before named it
     * @param answer to the offer
     */
    void goOn(SipDialog dialog, String to, byte[] answer) throws OfferRefusedException;

    /** Whether a dialog is the call's. */
    boolean isWith(SipDialog dialog);

    /** The call goes on as it was, or ends where its peer has gone. */
    void stay(boolean peerIsGone);
  }

  private final CallTimers timers;
  private final ReferralTargets targets;
  private final Function<String, Optional<DigestClient>> accounts;
  private final CallMetrics metrics;
  private final Transferred call;
  private @Nullable Pending pending;

  /**
   * @param targets whom the peer may name
   * @param accounts by host, answers its challenges
   */
  CallTransfer(
      CallTimers timers,
      ReferralTargets targets,
      Function<String, Optional<DigestClient>> accounts,
      CallMetrics metrics,
      Transferred call) {
    this.timers = timers;
    this.targets = targets;
    this.accounts = accounts;
    this.metrics = metrics;
    this.call = call;
  }

  /** A target that was called and has not answered yet. */
  private static final class Pending {
    final SipReferral referral;
    final SipDialog dialog;
    final SipInvitation invitation;
    final CompletableFuture<?> told;
    boolean peerIsGone;

    Pending(
        SipReferral referral,
        SipDialog dialog,
        SipInvitation invitation,
        CompletableFuture<?> told) {
      this.referral = referral;
      this.dialog = dialog;
      this.invitation = invitation;
      this.told = told;
    }

    /** One NOTIFY at a time keeps their order. */
    CompletableFuture<?> tell(int status) {
      return inTime(told.handle((_, _) -> referral.tell(status)).thenCompose(answered -> answered));
    }
  }

  /** A peer that does not answer holds up nothing. */
  private static CompletableFuture<?> inTime(CompletionStage<?> told) {
    return told.toCompletableFuture().copy().completeOnTimeout(null, TOLD_WITHIN_S, SECONDS);
  }

  /** The peer asks that the call go on with somebody else. */
  void asked(SipReferral referral, SipDialog dialog) {
    Optional<SipRefusal> refusal = refusal(referral, dialog).or(call::refusal);
    if (refusal.isPresent()) {
      metrics.transfer("refused");
      referral.reject(refusal.get());
      return;
    }
    if (!referral.accept()) {
      return;
    }
    CompletableFuture<?> told = inTime(referral.tell(100));
    SipInvitation invitation =
        referral.invite(call.offer(referral.isSecure()), accounts.apply(referral.targetHost()));
    Pending asked = new Pending(referral, dialog, invitation, told);
    pending = asked;
    timers.set(CallTimer.TRANSFER, RING_TIME, () -> invitation.cancel(408));
    invitation
        .outcome()
        .thenAccept(
            outcome -> {
              if (!timers.run(() -> ended(asked, outcome))) {
                release(outcome);
              }
            });
  }

  private Optional<SipRefusal> refusal(SipReferral referral, SipDialog dialog) {
    if (pending != null) {
      return Optional.of(SipRefusal.of(491, "Request Pending"));
    }
    return targets.mayAsk(referral.source(), dialog.remoteAddress())
            && targets.includes(referral.targetHost(), dialog.remoteAddress())
        ? Optional.empty()
        : Optional.of(SipRefusal.of(403, "Target Not Allowed"));
  }

  private void ended(Pending asked, SipInvitation.Outcome outcome) {
    if (pending != asked) {
      // The call has ended meanwhile.
      release(outcome);
      return;
    }
    pending = null;
    timers.clear(CallTimer.TRANSFER);
    switch (outcome) {
      case SipInvitation.Outcome.Answered answered -> answered(asked, answered);
      case SipInvitation.Outcome.Failed failed -> failed(asked, failed.status());
    }
  }

  /** Nobody talks with a target that has answered. */
  private static void release(SipInvitation.Outcome outcome) {
    if (outcome instanceof SipInvitation.Outcome.Answered answered) {
      answered.dialog().bye("");
    }
  }

  private void answered(Pending asked, SipInvitation.Outcome.Answered answered) {
    try {
      call.goOn(answered.dialog(), asked.referral.toString(), answered.sdp());
    } catch (OfferRefusedException e) {
      int status = e.refusal().status();
      answered.dialog().bye("SIP;cause=" + status + ";text=\"Answer not acceptable\"");
      failed(asked, status);
      return;
    } catch (RuntimeException e) {
      // The call fails and ends the dialog that it has then; the other one would stay.
      SipDialog other = call.isWith(asked.dialog) ? answered.dialog() : asked.dialog;
      other.bye("");
      throw e;
    }
    metrics.transfer("followed");
    CompletableFuture<?> told = asked.tell(200);
    if (!asked.peerIsGone) {
      told.whenComplete((_, _) -> asked.dialog.bye(""));
    }
  }

  private void failed(Pending asked, int status) {
    metrics.transfer("failed");
    asked.tell(status);
    call.stay(asked.peerIsGone);
  }

  /**
   * The peer that asked has hung up, as some do at once.
   *
   * @return whether the call waits for the target all the same
   */
  boolean survivesPeer() {
    Pending asked = pending;
    if (asked != null) {
      asked.peerIsGone = true;
    }
    return asked != null;
  }

  /** Whether the call waits without a peer: no media is expected. */
  boolean isWithoutPeer() {
    return pending != null && pending.peerIsGone;
  }

  /** The call has ended. */
  void close() {
    Pending asked = pending;
    pending = null;
    if (asked != null) {
      asked.invitation.cancel(487);
    }
  }
}
