package org.linescribe.gateway.sip;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.sip.InvalidArgumentException;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.message.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server transaction that the call answers: INVITE, re-INVITE, UPDATE or REFER.
 *
 * <p>Thread: one at a time; nothing blocks. Every response method returns whether the response was
 * sent; one that was not (transaction terminated, connection closed) changes nothing.
 */
public final class SipTransaction {
  private static final Logger LOG = LoggerFactory.getLogger(SipTransaction.class);

  private final SipServer server;
  private final SipDialog dialog;
  private final ServerTransaction transaction;
  private final SipBody body;
  private final Map<String, String> headers = new LinkedHashMap<>();

  SipTransaction(SipServer server, SipDialog dialog, ServerTransaction transaction, SipBody body) {
    this.server = server;
    this.dialog = dialog;
    this.transaction = transaction;
    this.body = body;
  }

  /** The request's session description, empty if none. */
  public byte[] sdp() {
    return body.sdp();
  }

  /** The recording metadata of a SIPREC client, empty if none. */
  public byte[] recordingMetadata() {
    return body.recordingMetadata();
  }

  public String method() {
    return transaction.getRequest().getMethod();
  }

  /** Adds a header to the later 180 and 200. */
  public void header(String name, String value) {
    headers.put(name, value);
  }

  /** 100. */
  public boolean trying() {
    return send(server.responses().to(transaction.getRequest(), Response.TRYING));
  }

  /** 180, reliably where the peer requires it. */
  public boolean ringing() {
    try {
      Optional<Response> reliable = dialog.reliableRinging();
      if (reliable.isPresent()) {
        dialog.sendReliably(completed(reliable.get()));
        return true;
      }
    } catch (SipException | InvalidArgumentException | RuntimeException e) {
      LOG.debug("call {}: 180 not sent: {}", dialog, e.toString());
      return false;
    }
    return send(completed(server.responses().to(transaction.getRequest(), Response.RINGING)));
  }

  /**
   * 200.
   *
   * @param answer session description, empty for none
   */
  public boolean answer(byte[] answer) {
    Response response = completed(server.responses().to(transaction.getRequest(), Response.OK));
    server.responses().capabilities(response, dialog.takesReferrals());
    dialog.sessionTimer().stamp(transaction.getRequest(), response, server.responses());
    server.responses().sdp(response, answer);
    return send(response);
  }

  /** 202: what a REFER asks for is tried. */
  boolean accept() {
    return send(completed(server.responses().to(transaction.getRequest(), Response.ACCEPTED)));
  }

  public boolean reject(SipRefusal refusal) {
    Response response = server.responses().to(transaction.getRequest(), refusal.status());
    server.responses().phrase(response, refusal.reason());
    dialog.tag(response);
    refusal.headers().forEach((name, value) -> server.responses().header(response, name, value));
    return send(response);
  }

  private Response completed(Response response) {
    dialog.tag(response);
    server.responses().contact(response, dialog);
    headers.forEach((name, value) -> server.responses().header(response, name, value));
    return response;
  }

  private boolean send(Response response) {
    try {
      transaction.sendResponse(response);
      return true;
    } catch (SipException | InvalidArgumentException | RuntimeException e) {
      LOG.debug("call {}: {} not sent: {}", dialog, response.getStatusCode(), e.toString());
      return false;
    }
  }
}
