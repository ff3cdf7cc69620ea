package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.message.SIPResponse;
import gov.nist.javax.sip.stack.MessageChannel;
import java.io.IOException;
import java.util.Optional;
import javax.sip.Dialog;
import javax.sip.InvalidArgumentException;
import javax.sip.RequestEvent;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests that need no call (OPTIONS, unsupported methods and extensions, unknown dialogs)
 * and passes the rest to the {@link SipCallHandler} or the dialog's listener.
 *
 * <p>Thread: a SIP event loop; nothing blocks.
 */
record SipRequests(SipServer server, SipCallHandler handler, RequestValidator rules) {
  private static final SipRefusal UNKNOWN_DIALOG =
      SipRefusal.of(481, "Call/Transaction Does Not Exist");

  void on(RequestEvent event) throws SipException, InvalidArgumentException {
    SIPRequest request = (SIPRequest) event.getRequest();
    switch (request.getMethod()) {
      case Request.ACK ->
          listener(event.getDialog()).ifPresent(l -> l.onAck(SipBody.of(request).sdp()));
      case Request.CANCEL -> {
        answer(event, request, Response.OK);
        listener(event.getDialog()).ifPresent(SipDialogListener::onCancel);
      }
      default -> {
        boolean mayRefer =
            event.getDialog() != null
                && event.getDialog().getApplicationData() instanceof SipDialog dialog
                && dialog.takesReferrals();
        Optional<SipRefusal> refusal = rules.check(request, mayRefer);
        if (refusal.isPresent()) {
          refuse(event, request, refusal.get());
        } else {
          serve(event, request);
        }
      }
    }
  }

  private void serve(RequestEvent event, SIPRequest request)
      throws SipException, InvalidArgumentException {
    Dialog dialog = event.getDialog();
    if (dialog == null && request.getToTag() != null) {
      refuse(event, request, UNKNOWN_DIALOG);
      return;
    }
    switch (request.getMethod()) {
      case Request.OPTIONS -> {
        // Within a dialog it asks for the call, which goes on.
        Optional<SipRefusal> stopping = dialog == null ? handler.stopping() : Optional.empty();
        if (stopping.isPresent()) {
          refuse(event, request, stopping.get());
        } else {
          answer(event, request, Response.OK);
        }
      }
      case Request.INVITE -> invite(event, request);
      case Request.UPDATE -> modify(event, request);
      case Request.REFER -> refer(event, request);
      case Request.INFO -> {
        if (dialog == null) {
          refuse(event, request, UNKNOWN_DIALOG);
        } else {
          answer(event, request, Response.OK);
          InfoDigit.of(request).ifPresent(digit -> listener(dialog).ifPresent(l -> l.onKey(digit)));
        }
      }
      case Request.PRACK -> {
        // The stack passes on only the PRACK to a response that is not acknowledged yet.
        if (SipBody.of(request).sdp().length > 0) {
          refuse(event, request, SipRefusal.of(488, "Not Acceptable Here"));
        } else {
          answer(event, request, Response.OK);
        }
        if (dialog != null && dialog.getApplicationData() instanceof SipDialog ours) {
          ours.provisionalAcknowledged();
        }
      }
      case Request.BYE -> {
        answer(event, request, Response.OK);
        listener(dialog).ifPresent(SipDialogListener::onBye);
      }
      default -> throw new IllegalStateException(request.getMethod());
    }
  }

  private void invite(RequestEvent event, SIPRequest request)
      throws SipException, InvalidArgumentException {
    Dialog known = event.getDialog();
    if (known != null && known.getApplicationData() instanceof SipDialog) {
      modify(event, request);
      return;
    }
    ServerTransaction transaction = event.getServerTransaction();
    if (transaction == null) {
      transaction = server.provider().getNewServerTransaction(request);
    }
    SipBody body = SipBody.of(request);
    SipDialog dialog =
        new SipDialog(
            server,
            transaction.getDialog(),
            request,
            server.localAddressFor(SipServer.source(request)),
            RequestValidator.isRecordingSession(request, body));
    transaction.getDialog().setApplicationData(dialog);
    SipTransaction invite = new SipTransaction(server, dialog, transaction, body);
    invite.trying();
    try {
      handler.onInvite(dialog, invite);
    } catch (RuntimeException e) {
      // Without a final response the transaction would never terminate.
      invite.reject(SipRefusal.of(500, "Server Internal Error"));
      throw e;
    }
  }

  private void modify(RequestEvent event, SIPRequest request)
      throws SipException, InvalidArgumentException {
    ServerTransaction transaction = event.getServerTransaction();
    if (event.getDialog() != null
        && transaction != null
        && event.getDialog().getApplicationData() instanceof SipDialog dialog) {
      if (dialog.listener().isEmpty()) {
        // We opened it, and the call that goes on in it is not told yet.
        refuse(event, request, SipRefusal.of(491, "Request Pending"));
        return;
      }
      SipTransaction change = new SipTransaction(server, dialog, transaction, SipBody.of(request));
      dialog.refreshed(request);
      dialog.listener().get().onModify(change);
    } else {
      refuse(event, request, UNKNOWN_DIALOG);
    }
  }

  private void refer(RequestEvent event, SIPRequest request)
      throws SipException, InvalidArgumentException {
    ServerTransaction transaction = event.getServerTransaction();
    if (transaction == null
        || !(event.getDialog().getApplicationData() instanceof SipDialog dialog)
        || dialog.listener().isEmpty()) {
      refuse(event, request, UNKNOWN_DIALOG);
      return;
    }
    Optional<ReferTarget> target = Optional.empty();
    try {
      target = Optional.of(ReferTarget.of(request));
    } catch (ReferTarget.RefusedException refused) {
      refuse(event, request, refused.refusal());
    }
    target.ifPresent(
        to ->
            dialog
                .listener()
                .get()
                .onRefer(new SipReferral(server, dialog, transaction, request, to)));
  }

  private static Optional<SipDialogListener> listener(@Nullable Dialog dialog) {
    return dialog != null && dialog.getApplicationData() instanceof SipDialog ours
        ? ours.listener()
        : Optional.empty();
  }

  private void answer(RequestEvent event, SIPRequest request, int status)
      throws SipException, InvalidArgumentException {
    Response response = server.responses().to(request, status);
    server.responses().statelessTag(request, response);
    if (request.getMethod().equals(Request.OPTIONS)) {
      server.responses().capabilities(response, false);
      server.responses().header(response, "Accept-Encoding", "identity");
      server.responses().header(response, "Accept-Language", "en");
    }
    send(event, response);
  }

  private void refuse(RequestEvent event, SIPRequest request, SipRefusal refusal)
      throws SipException, InvalidArgumentException {
    Response response = server.responses().to(request, refusal.status());
    server.responses().phrase(response, refusal.reason());
    server.responses().statelessTag(request, response);
    refusal.headers().forEach((name, value) -> server.responses().header(response, name, value));
    send(event, response);
  }

  private static void send(RequestEvent event, Response response)
      throws SipException, InvalidArgumentException {
    if (event.getServerTransaction() != null) {
      event.getServerTransaction().sendResponse(response);
    } else {
      // The provider would open a new connection to the Via's port for a TCP request.
      try {
        ((MessageChannel) ((SIPRequest) event.getRequest()).getMessageChannel())
            .sendMessage((SIPResponse) response);
      } catch (IOException e) {
        throw new SipException("not sent", e);
      }
    }
  }
}
