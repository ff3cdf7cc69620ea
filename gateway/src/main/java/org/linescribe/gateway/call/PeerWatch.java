package org.linescribe.gateway.call;

import java.time.Duration;
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

  /** Before a refresh that the peer refused is tried again; twice as long each time. */
  private static final Duration FIRST_RETRY = Duration.ofSeconds(2);

  private final CallTimers timers;
  private final SipDialog dialog;
  private final Duration keepaliveInterval;
  private final Supplier<Duration> idleTime;
  private final Consumer<CallOutcome> end;
  private Duration retry = FIRST_RETRY;

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

  /** The session was refreshed: starts its timer anew. */
  void refreshed() {
    timers.clear(CallTimer.REFRESH);
    retry = FIRST_RETRY;
    dialog
        .refreshLimit()
        .ifPresent(
            limit ->
                timers.set(CallTimer.REFRESH, limit, () -> end.accept(new CallOutcome.Expired())));
    dialog.refreshAfter().ifPresent(after -> timers.set(CallTimer.REFRESH, after, this::refresh));
  }

  /**
   * A peer that does not answer, or does not know the dialog, is gone (RFC 4028 §10). One that
   * refuses is there: it asks for a longer interval (422), or is busy with a request of its own
   * (491, 500), and is asked again before its own timer expires.
   */
  private void refresh() {
    dialog
        .refresh()
        .thenAccept(
            status ->
                timers.run(
                    () -> {
                      if (status == 408 || status == 481) {
                        end.accept(new CallOutcome.PeerLost());
                      } else if (status < 300) {
                        refreshed();
                      } else {
                        refreshLater();
                      }
                    }));
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
    timers.clear(CallTimer.QUESTION);
    boolean isSilent = idleTime.get().compareTo(silent) >= 0;
    if (status == 481 || status == 408 && isSilent) {
      end.accept(new CallOutcome.PeerLost());
    } else {
      watchSilence();
    }
  }
}
