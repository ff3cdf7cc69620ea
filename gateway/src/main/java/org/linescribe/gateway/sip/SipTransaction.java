package org.linescribe.gateway.sip;

import java.util.LinkedHashMap;
import java.util.Map;
import javax.sip.InvalidArgumentException;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.message.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of the peer that wants an answer: INVITE, re-INVITE or UPDATE.
 *
 * <p>Thread: one at a time. Nothing here blocks. Every answer says whether it could be sent; one
 * that cannot (the transaction is over, the connection gone) changes nothing.
 */
public final class SipTransaction {
  private static final Logger LOG = LoggerFactory.getLogger(SipTransaction.class);

  private final SipServer server;
  private final SipDialog dialog;
  private final ServerTransaction transaction;
  private final byte[] sdp;
  private final Map<String, String> headers = new LinkedHashMap<>();

  SipTransaction(SipServer server, SipDialog dialog, ServerTransaction transaction, byte[] sdp) {
    this.server = server;
    this.dialog = dialog;
    this.transaction = transaction;
    this.sdp = sdp;
  }

  /** The request's session description, empty when it has none. */
  public byte[] sdp() {
    return sdp;
  }

  public String method() {
    return transaction.getRequest().getMethod();
  }

  /** Adds a header to the answers from here on, but to 100 and to refusals. */
  public void header(String name, String value) {
    headers.put(name, value);
  }

  /** 100. */
  public boolean trying() {
    return send(server.responses().to(transaction.getRequest(), Response.TRYING));
  }

  /** 180. */
  public boolean ringing() {
    Response response = server.responses().to(transaction.getRequest(), Response.RINGING);
    return send(completed(response));
  }

  /**
   * 200.
   *
   * @param answer session description, empty for none
   */
  public boolean accept(byte[] answer) {
    Response response = completed(server.responses().to(transaction.getRequest(), Response.OK));
    server.responses().capabilities(response);
    dialog.sessionTimer().stamp(transaction.getRequest(), response, server.responses());
    server.responses().sdp(response, answer);
    return send(response);
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
    server.responses().contact(response, dialog.localAddress(), dialog.protocol());
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
