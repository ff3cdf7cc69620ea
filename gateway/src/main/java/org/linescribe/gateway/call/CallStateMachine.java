package org.linescribe.gateway.call;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.session.SessionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of one call, and the event loop on which it changes. An unchecked exception of a task
 * ends this call only, and is logged.
 *
 * <p>Thread: the call's event loop, where nothing else is said.
 */
final class CallStateMachine {
  private static final Logger LOG = LoggerFactory.getLogger(Call.class);

  private final EventLoop loop;
  private final SessionId sessionId;
  private final Supplier<SipDialog> dialog;
  private final BiConsumer<CallState, CallEvent> entered;
  private volatile CallState state = CallState.OPENING;

  /**
   * @param dialog the one that a failed call is logged with
   * @param entered does what an event asks for once the state has changed; gets the state before
   */
  CallStateMachine(
      EventLoop loop,
      SessionId sessionId,
      Supplier<SipDialog> dialog,
      BiConsumer<CallState, CallEvent> entered) {
    this.loop = loop;
    this.sessionId = sessionId;
    this.dialog = dialog;
    this.entered = entered;
  }

  EventLoop loop() {
    return loop;
  }

  /** Thread: any. */
  CallState state() {
    return state;
  }

  /** The 200 was sent, and the call goes on. Thread: any. */
  boolean isAnswered() {
    return state.isAnswered();
  }

  /** The only transition method. */
  void on(CallEvent event) {
    CallState before = state;
    state = before.after(event);
    if (state != before) {
      entered.accept(before, event);
    } else if (event instanceof CallEvent.Opened late) {
      // The call ended while its session was being opened.
      late.source().end("cancel");
    }
  }

  /** Ends the call. Thread: any. */
  void end(CallOutcome outcome) {
    run(() -> on(new CallEvent.Ended(outcome)));
  }

  /**
   * Runs a task on the call's event loop. Thread: any.
   *
   * @return false when the gateway is closed and the task will not run
   */
  boolean run(Runnable task) {
    try {
      loop.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException e) {
              fail(e);
            }
          });
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("session {}: the gateway is closed", sessionId);
      return false;
    }
  }

  /** A bug of ours ends the call. */
  void fail(RuntimeException e) {
    LOG.error("session {}: call {} failed", sessionId, dialog.get(), e);
    on(new CallEvent.Ended(new CallOutcome.Failed(e.toString())));
  }
}
