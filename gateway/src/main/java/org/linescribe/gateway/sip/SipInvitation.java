package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.message.SIPResponse;
import java.net.InetAddress;
import java.text.ParseException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.InvalidArgumentException;
import javax.sip.ResponseEvent;
import javax.sip.SipException;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.digest.DigestClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that we place: an INVITE to the servers of a URI, one after another, with an account's
 * credentials where they are asked for. Its first 2xx is acknowledged and counts; a further one, of
 * a fork or too late, is acknowledged and ended.
 *
 * <p>Thread: any. Source: RFC 3261 §13.2, §9.1.
 */
public final class SipInvitation {
  private static final Logger LOG = LoggerFactory.getLogger(SipInvitation.class);

  /** The first, one with credentials, and one for a nonce that was stale. */
  private static final int MAX_REQUESTS = 3;

  /**
   * 64*T1: a target that has not ended its INVITE by then, after our CANCEL, never will. The stack
   * has no timer for an INVITE that rings.
   */
  private static final Duration CANCELLED_WITHIN = Duration.ofSeconds(32);

  /** What became of it. */
  public sealed interface Outcome {
    /**
     * @param dialog acknowledged
     * @param sdp the answer to our offer, empty where there is none
     */
    record Answered(SipDialog dialog, byte[] sdp) implements Outcome {}

    /**
     * @param status 300 to 699
     */
    record Failed(int status) implements Outcome {}
  }

  private final SipServer server;
  private final SipClient client;
  private final ReferTarget target;
  private final SipProtocol fallback;
  private final String from;
  private final byte[] offer;
  private final Optional<DigestClient> account;
  private final InetAddress localAddress;
  private final Duration cancelledWithin;
  private final String callId = UUID.randomUUID().toString();
  private final String tag = UUID.randomUUID().toString().substring(0, 8);
  private final Map<String, SipLocator.Target> answering =
      RequestFailover.Outgoing.noneAnsweredYet();
  private final List<Attempt> attempts = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

  /**
   * @param fallback transport where neither the URI nor its records name one
   * @param from URI of the caller
   * @param localAddress for the Contact of our later messages
   */
  SipInvitation(
      SipServer server,
      ReferTarget target,
      SipProtocol fallback,
      String from,
      byte[] offer,
      Optional<DigestClient> account,
      InetAddress localAddress) {
    this(server, target, fallback, from, offer, account, localAddress, CANCELLED_WITHIN);
  }

  /**
   * @param cancelledWithin how long a target may take to end a request that was taken back
   */
  SipInvitation(
      SipServer server,
      ReferTarget target,
      SipProtocol fallback,
      String from,
      byte[] offer,
      Optional<DigestClient> account,
      InetAddress localAddress,
      Duration cancelledWithin) {
    this.cancelledWithin = cancelledWithin;
    this.server = server;
    this.client = server.client();
    this.target = target;
    this.fallback = fallback;
    this.from = from;
    this.offer = offer;
    this.account = account;
    this.localAddress = localAddress;
  }

  /** Completes once, on any thread. */
  public CompletionStage<Outcome> outcome() {
    return outcome.minimalCompletionStage();
  }

  /** Takes it back; an answer that comes all the same is ended. */
  public void cancel(int status) {
    outcome.complete(new Outcome.Failed(status));
  }

  /** Names are looked up, which blocks. */
  void begin() {
    outcome.whenComplete((_, _) -> attempts.forEach(Attempt::cancel));
    Thread.ofVirtual().name("linescribe-sip-invite").start(this::place);
  }

  private void place() {
    Map<String, String> headers = new HashMap<>(target.headers());
    for (int number = 1; number <= MAX_REQUESTS && !outcome.isDone(); number++) {
      long cseq = number;
      CompletableFuture<SipReply> whole =
          server
              .failover()
              .send(
                  server,
                  new RequestFailover.Outgoing(
                      target.uri(), fallback, answering, to -> attempt(to, headers, cseq)))
              .toCompletableFuture();
      outcome.whenComplete((_, _) -> whole.complete(SipReply.none()));
      SipReply reply = whole.join();
      if (reply.status() < 300) {
        return;
      }
      if (!authorised(reply, headers)) {
        outcome.complete(new Outcome.Failed(reply.status()));
      }
    }
    outcome.complete(new Outcome.Failed(Response.FORBIDDEN));
  }

  /** Whether the next request may succeed where this one was challenged. */
  private boolean authorised(SipReply reply, Map<String, String> headers) {
    String name =
        switch (reply.status()) {
          case Response.UNAUTHORIZED -> "Authorization";
          case Response.PROXY_AUTHENTICATION_REQUIRED -> "Proxy-Authorization";
          default -> "";
        };
    Optional<String> credentials =
        name.isEmpty()
            ? Optional.empty()
            : account.flatMap(
                a ->
                    a.answer(
                        reply.challenges(),
                        Request.INVITE,
                        target.uri().toString(),
                        headers.containsKey(name)));
    credentials.ifPresent(value -> headers.put(name, value));
    return credentials.isPresent();
  }

  private CompletableFuture<SipReply> attempt(
      SipLocator.Target to, Map<String, String> headers, long cseq) {
    Attempt attempt = new Attempt();
    if (server.isOwn(to)) {
      attempt.complete(SipReply.of(Response.LOOP_DETECTED));
      return attempt;
    }
    try {
      String address = "<" + target.uri() + ">";
      Request request =
          client.request(
              Request.INVITE,
              target.uri().toString(),
              to,
              new SipClient.Identity("<" + from + ">", tag, address, "linescribe", callId, cseq),
              "Allow: " + SipResponses.ALLOW + "\r\nSupported: replaces\r\n",
              headers);
      server.responses().sdp(request, offer);
      attempt.send(request, to);
    } catch (SipException | ParseException | InvalidArgumentException | RuntimeException e) {
      LOG.debug("INVITE not sent: {}", e.toString());
      attempt.complete(SipReply.none());
    }
    return attempt;
  }

  /** One request to one server. */
  private final class Attempt extends SipClient.Reply {
    private @Nullable ClientTransaction transaction;
    private SipLocator.@Nullable Target to;
    private boolean cancelled;
    private boolean ended;

    Attempt() {
      super("");
    }

    void send(Request request, SipLocator.Target server) throws SipException {
      ((SIPRequest) request).setApplicationData(server.hop());
      synchronized (this) {
        to = server;
        transaction = SipInvitation.this.server.provider().getNewClientTransaction(request);
        transaction.setApplicationData(this);
      }
      attempts.add(this);
      send(transaction, ClientTransaction::sendRequest);
    }

    /** RFC 3261 §9.1: a CANCEL only follows a provisional answer. */
    @Override
    void heard() {
      super.heard();
      if (isDone() || outcome.isDone()) {
        cancel();
      }
    }

    synchronized void cancel() {
      if (cancelled || ended || !isHeard() || transaction == null || to == null) {
        return;
      }
      cancelled = true;
      CompletableFuture.delayedExecutor(cancelledWithin.toMillis(), TimeUnit.MILLISECONDS)
          .execute(this::giveUp);
      try {
        Request cancel = transaction.createCancel();
        ((SIPRequest) cancel).setApplicationData(to.hop());
        server.provider().getNewClientTransaction(cancel).sendRequest();
      } catch (SipException | RuntimeException tooLate) {
        LOG.debug("CANCEL not sent: {}", tooLate.toString());
      }
    }

    /** Source: RFC 3261 §9.1. */
    private synchronized void giveUp() {
      if (ended || transaction == null) {
        return;
      }
      ended = true;
      try {
        transaction.terminate();
      } catch (SipException | RuntimeException e) {
        LOG.debug("INVITE not terminated: {}", e.toString());
      }
    }

    @Override
    void answered(ResponseEvent event) {
      synchronized (this) {
        ended = true;
      }
      Dialog dialog = event.getDialog();
      if (event.getResponse().getStatusCode() < 300 && dialog != null && transaction != null) {
        SIPResponse response = (SIPResponse) event.getResponse();
        // A repeated 200 is acknowledged again by the stack, or by the one that comes here first.
        if (!(dialog.getApplicationData() instanceof SipDialog)) {
          SipDialog established =
              new SipDialog(
                  server, dialog, (SIPRequest) transaction.getRequest(), response, localAddress);
          dialog.setApplicationData(established);
          Thread.startVirtualThread(() -> established(established, response));
        }
      }
      super.answered(event);
    }

    private void established(SipDialog dialog, SIPResponse response) {
      dialog.acknowledge(response.getCSeq().getSeqNumber());
      if (!outcome.complete(new Outcome.Answered(dialog, SipBody.of(response).sdp()))) {
        dialog.bye("");
      }
    }
  }
}
