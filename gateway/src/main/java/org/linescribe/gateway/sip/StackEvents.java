package org.linescribe.gateway.sip;

import gov.nist.javax.sip.DialogTimeoutEvent;
import gov.nist.javax.sip.ResponseEventExt;
import gov.nist.javax.sip.SipListenerExt;
import gov.nist.javax.sip.message.SIPResponse;
import java.util.Optional;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.DialogTerminatedEvent;
import javax.sip.IOExceptionEvent;
import javax.sip.InvalidArgumentException;
import javax.sip.RequestEvent;
import javax.sip.ResponseEvent;
import javax.sip.SipException;
import javax.sip.TimeoutEvent;
import javax.sip.TransactionTerminatedEvent;
import javax.sip.message.Request;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sip.SipMetrics.SipDefect;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the stack tells: requests, the answers to ours, and ends of transactions and dialogs.
 *
 * <p>Thread: a SIP event loop or the stack's timer; nothing blocks.
 */
final class StackEvents implements SipListenerExt {
  private static final Logger LOG = LoggerFactory.getLogger(StackEvents.class);

  private final SipRequests requests;
  private final SipMetrics metrics;

  StackEvents(SipRequests requests, SipMetrics metrics) {
    this.requests = requests;
    this.metrics = metrics;
  }

  @Override
  public void processRequest(RequestEvent event) {
    try {
      requests.on(event);
    } catch (SipException | InvalidArgumentException e) {
      LOG.debug("{} not answered: {}", event.getRequest().getMethod(), e.toString());
    } catch (RuntimeException e) {
      metrics.defect(SipDefect.INTERNAL);
      LOG.error("{} failed", JainSipLog.cut(event.getRequest().getMethod()), e);
    }
  }

  @Override
  public void processResponse(ResponseEvent event) {
    Optional<SipClient.Reply> waiting = reply(transaction(event));
    if (event.getResponse().getStatusCode() < 200) {
      waiting.ifPresent(SipClient.Reply::heard);
      return;
    }
    refreshAnswered(event);
    waiting.ifPresent(reply -> reply.answered(event));
  }

  /** A fork of our INVITE answers in a dialog of its own, which has no transaction. */
  private static @Nullable ClientTransaction transaction(ResponseEvent event) {
    return event.getClientTransaction() == null && event instanceof ResponseEventExt fork
        ? fork.getOriginalTransaction()
        : event.getClientTransaction();
  }

  private static Optional<SipClient.Reply> reply(@Nullable ClientTransaction transaction) {
    return transaction != null && transaction.getApplicationData() instanceof SipClient.Reply ours
        ? Optional.of(ours)
        : Optional.empty();
  }

  private static void refreshAnswered(ResponseEvent event) {
    String method = ((SIPResponse) event.getResponse()).getCSeq().getMethod();
    if (method.equals(Request.UPDATE)
        && event.getDialog() != null
        && event.getDialog().getApplicationData() instanceof SipDialog dialog) {
      dialog.sessionTimer().onRefreshAnswered(event.getResponse());
    }
  }

  @Override
  public void processTimeout(TimeoutEvent event) {
    if (!event.isServerTransaction()) {
      unanswered(event.getClientTransaction());
    }
  }

  @Override
  public void processIOException(IOExceptionEvent event) {
    if (event.getSource() instanceof ClientTransaction transaction) {
      unanswered(transaction);
    }
  }

  @Override
  public void processTransactionTerminated(TransactionTerminatedEvent event) {
    unanswered(event.getClientTransaction());
  }

  @Override
  public void processDialogTerminated(DialogTerminatedEvent event) {
    lost(event.getDialog());
  }

  @Override
  public void processDialogTimeout(DialogTimeoutEvent event) {
    lost(event.getDialog());
  }

  private static void lost(@Nullable Dialog dialog) {
    if (dialog != null && dialog.getApplicationData() instanceof SipDialog ours) {
      ours.listener().ifPresent(SipDialogListener::onLost);
    }
  }

  private static void unanswered(@Nullable ClientTransaction transaction) {
    reply(transaction).ifPresent(waiting -> waiting.complete(SipReply.none()));
  }
}
