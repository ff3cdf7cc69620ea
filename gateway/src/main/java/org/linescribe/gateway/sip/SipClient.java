package org.linescribe.gateway.sip;

import gov.nist.javax.sip.ListeningPointImpl;
import gov.nist.javax.sip.message.MessageFactoryImpl;
import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.stack.HopImpl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.sip.ClientTransaction;
import javax.sip.InvalidArgumentException;
import javax.sip.ListeningPoint;
import javax.sip.SipException;
import javax.sip.address.SipURI;
import javax.sip.header.ViaHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;

/**
 * Sends requests outside of dialogs from the gateway's own sockets.
 *
 * <p>Thread: any; calls block for a name lookup.
 */
public final class SipClient {
  private final SipServer server;
  private final MessageFactoryImpl messages = new MessageFactoryImpl();

  private final SipLocator locator;
  private final Duration answerTimeout;

  /** By registrar: the server that answered last. A challenge is answered where it came from. */
  private final Map<String, SipLocator.Target> answering = new ConcurrentHashMap<>();

  /**
   * @param answerTimeout how long a server may take to answer where there is another one
   */
  SipClient(SipServer server, SipLocator locator, Duration answerTimeout) {
    this.answerTimeout = answerTimeout;
    this.server = server;
    this.locator = locator;
  }

  /** A final answer that somebody waits for. */
  static final class Reply extends CompletableFuture<SipReply> {
    private final String contact;

    Reply(String contact) {
      this.contact = contact;
    }

    void complete(Response response) {
      complete(SipReply.of(response, contact));
    }
  }

  /**
   * One REGISTER.
   *
   * @param registrar Request-URI, such as {@code sip:pbx.example.com:5060;transport=tcp}
   * @param user user part of the address of record and of our Contact
   * @param domain its host
   * @param callId the same for every request of a registration
   * @param cseq one higher with each
   * @param expires zero ends the registration
   * @param headers more headers: credentials
   */
  public record Registration(
      String registrar,
      String user,
      String domain,
      String callId,
      long cseq,
      Duration expires,
      Map<String, String> headers) {
    public Registration {
      headers = Map.copyOf(headers);
    }
  }

  /**
   * Sends a REGISTER to the registrar's servers, one after another until one answers otherwise than
   * with 503 or in time. Source: RFC 3261 §10.2, RFC 3263 §4.3.
   *
   * @return completes with the final answer, or with 408; where it is completed otherwise before,
   *     no further server is asked
   */
  public CompletionStage<SipReply> register(Registration registration) {
    List<SipLocator.Target> targets = new ArrayList<>();
    try {
      SipURI registrar = server.responses().uri(registration.registrar());
      targets.addAll(locator.locate(registrar, this::isServed));
    } catch (ParseException | UnknownHostException | IllegalArgumentException e) {
      return CompletableFuture.completedStage(SipReply.none());
    }
    SipLocator.Target last = answering.get(registration.registrar());
    if (last != null && targets.remove(last)) {
      targets.addFirst(last);
    }
    CompletableFuture<SipReply> whole = new CompletableFuture<>();
    register(registration, targets, whole);
    return whole;
  }

  private boolean isServed(SipProtocol protocol) {
    return server.provider().getListeningPoint(protocol.lowerCase()) != null;
  }

  private void register(
      Registration registration,
      List<SipLocator.Target> targets,
      CompletableFuture<SipReply> whole) {
    SipLocator.Target target = targets.getFirst();
    CompletableFuture<SipReply> answer = register(registration, target);
    if (targets.size() > 1) {
      // Timer F would wait for a dead server for 32 s (RFC 3261 §17.1.2.2).
      answer.completeOnTimeout(SipReply.none(), answerTimeout.toMillis(), TimeUnit.MILLISECONDS);
    }
    answer.thenAcceptAsync(
        reply -> {
          boolean isFailed = reply.status() == 503 || reply.status() == SipReply.none().status();
          if (!isFailed) {
            answering.put(registration.registrar(), target);
          }
          // Nobody waits any more where a registration is being ended meanwhile.
          if (isFailed && targets.size() > 1 && !whole.isDone()) {
            register(registration, targets.subList(1, targets.size()), whole);
          } else {
            whole.complete(reply);
          }
        },
        Thread::startVirtualThread);
  }

  private CompletableFuture<SipReply> register(
      Registration registration, SipLocator.Target target) {
    Reply reply = new Reply("sip:" + registration.user() + "@");
    try {
      Request request = request(registration, target);
      ClientTransaction transaction = server.provider().getNewClientTransaction(request);
      transaction.setApplicationData(reply);
      transaction.sendRequest();
    } catch (SipException | ParseException | InvalidArgumentException | RuntimeException e) {
      reply.complete(SipReply.none());
    }
    return reply;
  }

  private Request request(Registration registration, SipLocator.Target target)
      throws ParseException, InvalidArgumentException {
    String transport = target.protocol().lowerCase();
    ListeningPoint point = server.provider().getListeningPoint(transport);
    if (point == null) {
      throw new InvalidArgumentException("transport " + transport + " is not served");
    }
    InetAddress local =
        server.localAddressFor(new InetSocketAddress(target.address(), target.port()));
    String aor = "<sip:" + registration.user() + "@" + registration.domain() + ">";
    ViaHeader via = ((ListeningPointImpl) point).getViaHeader();
    via.setRPort();
    Request request =
        messages.createRequest(
            "REGISTER "
                + registration.registrar()
                + " SIP/2.0\r\n"
                + via.toString().strip()
                + "\r\nMax-Forwards: 70\r\nFrom: "
                + aor
                + ";tag="
                + UUID.randomUUID().toString().substring(0, 8)
                + "\r\nTo: "
                + aor
                + "\r\nCall-ID: "
                + registration.callId()
                + "\r\nCSeq: "
                + registration.cseq()
                + " REGISTER\r\nContact: <"
                + server.responses().contactUri(registration.user(), local, transport)
                + ">\r\nExpires: "
                + registration.expires().toSeconds()
                + "\r\nUser-Agent: LineScribe\r\nContent-Length: 0\r\n\r\n");
    registration
        .headers()
        .forEach((name, value) -> server.responses().header(request, name, value));
    // SourceRouter sends it there.
    ((SIPRequest) request)
        .setApplicationData(
            new HopImpl(target.address().getHostAddress(), target.port(), transport));
    return request;
  }
}
