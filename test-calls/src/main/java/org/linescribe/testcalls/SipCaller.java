package org.linescribe.testcalls;

import gov.nist.javax.sip.SipStackImpl;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TooManyListenersException;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.DialogTerminatedEvent;
import javax.sip.IOExceptionEvent;
import javax.sip.InvalidArgumentException;
import javax.sip.ListeningPoint;
import javax.sip.ObjectInUseException;
import javax.sip.PeerUnavailableException;
import javax.sip.RequestEvent;
import javax.sip.ResponseEvent;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.SipFactory;
import javax.sip.SipListener;
import javax.sip.SipProvider;
import javax.sip.TimeoutEvent;
import javax.sip.Transaction;
import javax.sip.TransactionTerminatedEvent;
import javax.sip.address.Address;
import javax.sip.address.AddressFactory;
import javax.sip.address.SipURI;
import javax.sip.header.ContentTypeHeader;
import javax.sip.header.HeaderFactory;
import javax.sip.header.ViaHeader;
import javax.sip.message.MessageFactory;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.g711.G711Law;

/**
 * A SIP user agent client: INVITE with an offer of one codec, RTP at 20 ms, BYE.
 *
 * <p>Thread: any, many calls at once over one SIP stack, which it owns. Source: RFC 3261, RFC 3264.
 */
public final class SipCaller implements Caller {
  static final String SESSION_ID_HEADER = "X-Session-Id";

  private static final int PORT_TRIES = 20;

  /** RFC 3261 timer A has sent the INVITE four times by then: at 0, 0.5, 1.5 and 3.5 s. */
  private static final Duration NO_RESPONSE = Duration.ofSeconds(5);

  /** Time that an interrupted caller waits for a provisional response: twice timer T1. */
  private static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(1);

  private final SipTarget target;
  private final G711Law law;
  private final Duration noResponse;
  private final InetAddress localAddress;
  private final SipStackImpl stack;
  private final SipProvider provider;
  private final AddressFactory addresses;
  private final HeaderFactory headers;
  private final MessageFactory messages;
  private final Set<SipCall> calls = ConcurrentHashMap.newKeySet();

  /**
   * @param to {@code sip:[USER@]HOST[:PORT][;transport=udp|tcp]}
   * @throws IllegalArgumentException not a SIP address
   * @throws CallFailedException its host is unknown, or no local port can be bound
   */
  public SipCaller(String to, G711Law law) throws CallFailedException {
    this(to, law, NO_RESPONSE);
  }

  /**
   * @param noResponse a peer without any response for this long counts as unreachable
   */
  SipCaller(String to, G711Law law, Duration noResponse) throws CallFailedException {
    this.noResponse = noResponse;
    this.target = SipTarget.parse(to);
    this.law = law;
    this.localAddress = routeTo(target.resolve());
    try {
      SipFactory factory = SipFactory.getInstance();
      this.addresses = factory.createAddressFactory();
      this.headers = factory.createHeaderFactory();
      this.messages = factory.createMessageFactory();
      this.stack = new SipStackImpl(stackProperties());
      this.provider = stack.createSipProvider(listen());
      provider.addSipListener(new Listener());
    } catch (PeerUnavailableException | ObjectInUseException | TooManyListenersException e) {
      throw new IllegalStateException("the SIP stack does not start", e);
    }
  }

  private static Properties stackProperties() {
    Properties properties = new Properties();
    properties.setProperty("javax.sip.STACK_NAME", "linescribe-call-" + UUID.randomUUID());
    properties.setProperty("gov.nist.javax.sip.STACK_LOGGER", SipStackLog.class.getName());
    properties.setProperty("gov.nist.javax.sip.SERVER_LOGGER", SipStackLog.class.getName());
    properties.setProperty("gov.nist.javax.sip.REENTRANT_LISTENER", "true");
    properties.setProperty("gov.nist.javax.sip.THREAD_POOL_SIZE", "2");
    return properties;
  }

  /** Our address on the route to the target. */
  private static InetAddress routeTo(InetSocketAddress remote) throws CallFailedException {
    try (DatagramSocket probe = new DatagramSocket()) {
      probe.connect(remote);
      return probe.getLocalAddress();
    } catch (IOException e) {
      throw new CallFailedException(
          CallFailedException.Kind.UNREACHABLE,
          "no route to " + remote.getHostString() + ": " + e.getMessage());
    }
  }

  /**
   * The stack needs a port number, and a free port may be taken before it binds: hence the
   * attempts.
   */
  private ListeningPoint listen() throws CallFailedException {
    String host = localAddress.getHostAddress();
    for (int attempt = 1; ; attempt++) {
      try {
        return stack.createListeningPoint(host, freePort(), target.transport());
      } catch (SipException | InvalidArgumentException | IOException e) {
        if (attempt == PORT_TRIES) {
          throw new CallFailedException(
              CallFailedException.Kind.UNREACHABLE,
              "no port to call from on " + host + ": " + e.getMessage());
        }
      }
    }
  }

  private int freePort() throws IOException {
    if (target.transport().equals("tcp")) {
      try (ServerSocket socket = new ServerSocket(0, 1, localAddress)) {
        return socket.getLocalPort();
      }
    }
    try (DatagramSocket socket = new DatagramSocket(0, localAddress)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public OpenCall open(String sessionId) throws CallFailedException, InterruptedException {
    RtpStream rtp;
    try {
      rtp = RtpStream.open(localAddress);
    } catch (IOException e) {
      throw new CallFailedException(
          CallFailedException.Kind.BROKEN,
          "no port for RTP on " + localAddress.getHostAddress() + ": " + e.getMessage());
    }
    SipCall call = new SipCall(target, law, rtp, provider, noResponse, calls::remove);
    calls.add(call);
    try {
      ClientTransaction transaction =
          provider.getNewClientTransaction(invite(sessionId, rtp.local()));
      transaction.setApplicationData(call);
      Dialog dialog = transaction.getDialog();
      dialog.setApplicationData(call);
      call.open(transaction, sessionId);
      return call;
    } catch (ParseException | InvalidArgumentException | SipException e) {
      call.abandon(Duration.ZERO);
      throw new IllegalStateException("the INVITE cannot be made: " + e.getMessage(), e);
    } catch (CallFailedException e) {
      call.abandon(Duration.ZERO);
      throw e;
    } catch (InterruptedException e) {
      call.abandon(CANCEL_TIMEOUT);
      throw e;
    }
  }

  private Request invite(String sessionId, InetSocketAddress rtp)
      throws ParseException, InvalidArgumentException {
    ListeningPoint point = provider.getListeningPoint(target.transport());
    SipURI to = (SipURI) addresses.createURI(target.uri());
    SipURI recipient = (SipURI) to.clone();
    to.removeParameter("transport");
    SipURI contact = addresses.createSipURI("linescribe-call", point.getIPAddress());
    Address from = addresses.createAddress((SipURI) contact.clone());
    contact.setPort(point.getPort());
    contact.setTransportParam(target.transport());
    ViaHeader via =
        headers.createViaHeader(point.getIPAddress(), point.getPort(), target.transport(), null);
    via.setRPort();
    ContentTypeHeader sdp = headers.createContentTypeHeader("application", "sdp");
    long sessionNumber = Math.abs((long) sessionId.hashCode());
    Request invite =
        messages.createRequest(
            recipient,
            Request.INVITE,
            provider.getNewCallId(),
            headers.createCSeqHeader(1L, Request.INVITE),
            headers.createFromHeader(from, UUID.randomUUID().toString().substring(0, 8)),
            headers.createToHeader(addresses.createAddress(to), null),
            List.of(via),
            headers.createMaxForwardsHeader(70),
            sdp,
            AudioDescription.offer(rtp, law, sessionNumber));
    invite.addHeader(headers.createContactHeader(addresses.createAddress(contact)));
    invite.addHeader(headers.createHeader(SESSION_ID_HEADER, sessionId));
    for (String method :
        List.of(Request.INVITE, Request.ACK, Request.CANCEL, Request.BYE, Request.OPTIONS)) {
      invite.addHeader(headers.createAllowHeader(method));
    }
    invite.addHeader(headers.createUserAgentHeader(List.of("linescribe-call")));
    return invite;
  }

  @Override
  public String description() {
    return target.uri()
        + " ("
        + law
        + " over RTP, SIP over "
        + target.transport().toUpperCase(Locale.ROOT)
        + ")";
  }

  @Override
  public void close() {
    stack.stop();
  }

  /** Dispatches the stack's events to their calls. Thread: the stack's. */
  private final class Listener implements SipListener {
    @Override
    public void processResponse(ResponseEvent event) {
      SipCall call = callOf(event.getClientTransaction(), event.getDialog());
      if (call != null) {
        call.onResponse(event);
      }
    }

    @Override
    public void processRequest(RequestEvent event) {
      Request request = event.getRequest();
      if (request.getMethod().equals(Request.ACK)) {
        return;
      }
      SipCall call = callOf(null, event.getDialog());
      int status =
          call == null ? Response.CALL_OR_TRANSACTION_DOES_NOT_EXIST : call.onRequest(request);
      try {
        Response response = messages.createResponse(status, request);
        if (status == Response.OK && request.getMethod().equals(Request.INVITE) && call != null) {
          response.setContent(
              call.currentDescription(), headers.createContentTypeHeader("application", "sdp"));
          ListeningPoint point = provider.getListeningPoint(target.transport());
          SipURI contact = addresses.createSipURI("linescribe-call", point.getIPAddress());
          contact.setPort(point.getPort());
          response.addHeader(headers.createContactHeader(addresses.createAddress(contact)));
        }
        ServerTransaction transaction = event.getServerTransaction();
        (transaction != null ? transaction : provider.getNewServerTransaction(request))
            .sendResponse(response);
      } catch (ParseException | SipException | InvalidArgumentException e) {
        // The peer retransmits or times out; the call continues until its own end.
        new SipStackLog().logException(e);
      }
    }

    @Override
    public void processTimeout(TimeoutEvent event) {
      SipCall call =
          event.isServerTransaction() ? null : callOf(event.getClientTransaction(), null);
      if (call != null) {
        call.onNoAnswer();
      }
    }

    @Override
    public void processIOException(IOExceptionEvent event) {
      calls.forEach(SipCall::onNoAnswer);
    }

    @Override
    public void processTransactionTerminated(TransactionTerminatedEvent event) {}

    @Override
    public void processDialogTerminated(DialogTerminatedEvent event) {}

    private @Nullable SipCall callOf(@Nullable Transaction transaction, @Nullable Dialog dialog) {
      if (transaction != null && transaction.getApplicationData() instanceof SipCall call) {
        return call;
      }
      return dialog != null && dialog.getApplicationData() instanceof SipCall call ? call : null;
    }
  }
}
