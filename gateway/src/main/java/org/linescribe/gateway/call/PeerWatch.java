package org.linescribe.gateway.call;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.linescribe.gateway.call.CallTimers.CallTimer;
import org.linescribe.gateway.sip.SipDialog;

/**
 * Finds out that a call's peer is gone: by the session timer (RFC 4028), and by an OPTIONS in the
 * dialog while no media flows.
 *
 * <p>Thread: the call's event loop.
 */
final class PeerWatch {
  /** RFC 3261 timer F: 64·T1. */
  private static final Duration MAX_ASK = Duration.ofSeconds(32);

  /**
   * Refusals behind which a refresh may succeed: of the interval, of a request beside one of the
   * peer's own, and of a peer that is busy. Source: RFC 4028 §7.3, RFC 3261 §14.1, §21.5.
   */
  private static final Set<Integer> RETRIED = Set.of(422, 491, 500, 503);

  /** Before a refresh that the peer refused is tried again; twice as long each time. */
  private static final Duration FIRST_RETRY = Duration.ofSeconds(2);

  private final CallTimers timers;
  private final SipDialog dialog;
  private final Duration keepaliveInterval;
  private final Supplier<Duration> idleTime;
  private final Consumer<CallOutcome> end;
  private Duration retry = FIRST_RETRY;
  private boolean closed;

  /**
   * @param idleTime since the last media packet
   * @param end ends the call; called on any thread
   */
  PeerWatch(
      CallTimers timers,
      SipDialog dialog,
      Duration keepaliveInterval,
      Supplier<Duration> idleTime,
      Consumer<CallOutcome> end) {
    this.timers = timers;
    this.dialog = dialog;
    this.keepaliveInterval = keepaliveInterval;
    this.idleTime = idleTime;
    this.end = end;
  }

  /** The dialog is the call's no longer: what its peer answers now does not count. */
  void close() {
    closed = true;
    timers.clear(CallTimer.REFRESH);
    timers.clear(CallTimer.EXPIRY);
    timers.clear(CallTimer.KEEPALIVE);
    timers.clear(CallTimer.QUESTION);
  }

  /** The session was refreshed: starts its timer anew. */
  void refreshed() {
    timers.clear(CallTimer.REFRESH);
    timers.clear(CallTimer.EXPIRY);
    retry = FIRST_RETRY;
    dialog
        .refreshLimit()
        .ifPresent(
            limit ->
                timers.set(CallTimer.EXPIRY, limit, () -> end.accept(new CallOutcome.Expired())));
    dialog.refreshAfter().ifPresent(after -> timers.set(CallTimer.REFRESH, after, this::refresh));
  }

  /**
   * A peer that does not answer, or does not know the dialog, is gone. One that refuses is there:
   * it is asked again where that makes sense, and the session goes on until it expires. Source: RFC
   * 4028 §10.
   */
  private void refresh() {
    dialog.refresh().thenAccept(status -> timers.run(() -> refreshAnswered(status)));
  }

  private void refreshAnswered(int status) {
    if (closed) {
      return;
    }
    if (status == 408 || status == 481) {
      end.accept(new CallOutcome.PeerLost());
    } else if (status < 300) {
      refreshed();
    } else if (RETRIED.contains(status)) {
      refreshLater();
    }
  }

  private void refreshLater() {
    dialog
        .refreshAfter()
        .ifPresent(
            after -> {
              Duration delay = retry.compareTo(after) < 0 ? retry : after;
              timers.set(CallTimer.REFRESH, delay, this::refresh);
              retry = delay.multipliedBy(2);
            });
  }

  /** Looks after the interval whether media flows, and asks the peer where none does. */
  void watchSilence() {
    timers.set(CallTimer.KEEPALIVE, keepaliveInterval, this::askIfSilent);
  }

  /** RTP that flows proves the peer alive; otherwise only a response in the dialog does. */
  private void askIfSilent() {
    Duration silent = idleTime.get();
    if (silent.compareTo(keepaliveInterval) < 0) {
      watchSilence();
      return;
    }
    CompletableFuture<Integer> status = dialog.ask().toCompletableFuture();
    Duration atMost = keepaliveInterval.compareTo(MAX_ASK) < 0 ? keepaliveInterval : MAX_ASK;
    timers.set(CallTimer.QUESTION, atMost, () -> status.complete(408));
    status.thenAccept(known -> timers.run(() -> answered(known, silent)));
  }

  /**
   * A peer that does not answer but has sent media meanwhile is there: some do not answer within a
   * dialog, and a held call may have been resumed.
   *
   * @param silent for how long it was silent when it was asked
   */
  private void answered(int status, Duration silent) {
    if (closed) {
      return;
    }
    timers.clear(CallTimer.QUESTION);
    boolean isSilent = idleTime.get().compareTo(silent) >= 0;
    if (status == 481 || status == 408 && isSilent) {
      end.accept(new CallOutcome.PeerLost());
    } else {
      watchSilence();
    }
  }
}
