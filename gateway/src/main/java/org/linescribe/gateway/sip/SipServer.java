package org.linescribe.gateway.sip;

import gov.nist.javax.sip.DialogTimeoutEvent;
import gov.nist.javax.sip.EventScanner;
import gov.nist.javax.sip.EventWrapper;
import gov.nist.javax.sip.ListeningPointImpl;
import gov.nist.javax.sip.SipListenerExt;
import gov.nist.javax.sip.SipStackImpl;
import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.message.SIPResponse;
import gov.nist.javax.sip.stack.MessageChannel;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.text.ParseException;
import java.util.EnumMap;
import java.util.EventObject;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.DialogTerminatedEvent;
import javax.sip.IOExceptionEvent;
import javax.sip.InvalidArgumentException;
import javax.sip.ListeningPoint;
import javax.sip.RequestEvent;
import javax.sip.ResponseEvent;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.SipProvider;
import javax.sip.TimeoutEvent;
import javax.sip.TransactionTerminatedEvent;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sip.SipMetrics.SipDefect;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SIP user agent server: UDP and TCP on one port, TLS and WebSocket on theirs. Answers requests
 * that need no call (OPTIONS, unsupported methods and extensions, unknown dialogs) and passes the
 * rest to the {@link SipCallHandler}.
 *
 * <p>JAIN-SIP handles transactions and dialogs; Netty handles sockets and framing, because the
 * stack's own TCP allocates any claimed Content-Length.
 *
 * <p>Thread: {@link #start} and {@link #close} from one thread, the rest from any.
 */
public final class SipServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SipServer.class);

  /** The stack keeps a transaction for 32 s after its answer: some hundred megabytes at most. */
  private static final int MAX_TRANSACTIONS = 50_000;

  private final LogLimiter limiter = new LogLimiter();
  private final SipSettings settings;
  private final SipCallHandler handler;
  private final SipMetrics metrics;
  private final SipSockets sockets;
  private final SipTransport transport;
  private final RequestValidator rules;
  private final RequestFailover failover;
  private @Nullable SipStackImpl stack;
  private @Nullable SipProvider provider;
  private @Nullable SipResponses responses;

  /**
   * @param failover finds the servers of our requests
   */
  public SipServer(
      SipListeners listeners,
      SipCallHandler handler,
      MeterRegistry registry,
      RequestFailover failover) {
    this(listeners, handler, registry, failover, MAX_TRANSACTIONS);
  }

  SipServer(
      SipListeners listeners,
      SipCallHandler handler,
      MeterRegistry registry,
      RequestFailover failover,
      int maxTransactions) {
    this.failover = failover;
    this.settings = listeners.sip();
    this.handler = handler;
    this.metrics = new SipMetrics(registry);
    this.sockets = new SipSockets(listeners, metrics);
    this.transport = new SipTransport(sockets, metrics, this::answerStateless, maxTransactions);
    this.rules = new RequestValidator(settings);
  }

  /** Binds and serves. */
  public void start() throws SipBindException {
    sockets.open();
    Map<SipProtocol, Integer> ports = new EnumMap<>(SipProtocol.class);
    sockets.protocols().forEach(p -> ports.put(p, sockets.address(p).getPort()));
    responses = new SipResponses(settings.advertisedHost(), ports);
    try {
      SipStackImpl made = new SipStack(properties());
      stack = made;
      made.setMessageProcessorFactory(transport);
      SipProvider created = made.createSipProvider(listeningPoint(made, SipProtocol.UDP));
      for (SipProtocol protocol : sockets.protocols()) {
        if (protocol != SipProtocol.UDP) {
          created.addListeningPoint(listeningPoint(made, protocol));
        }
      }
      created.addSipListener(new StackListener());
      provider = created;
      made.start();
    } catch (SipException
        | InvalidArgumentException
        | ParseException
        | java.util.TooManyListenersException e) {
      close();
      throw new SipBindException("linescribe.sip.bind: " + settings.bind() + ": " + e, e);
    }
    sockets.serve(transport);
  }

  private ListeningPoint listeningPoint(SipStackImpl made, SipProtocol protocol)
      throws SipException, InvalidArgumentException, ParseException {
    InetSocketAddress bound = sockets.address(protocol);
    ListeningPoint point =
        made.createListeningPoint(
            bound.getAddress().getHostAddress(), bound.getPort(), protocol.lowerCase());
    String advertised = settings.advertisedHost();
    // The stack misparses an IPv6 address here as host and port. Our requests then carry the
    // bound address in Via, and responses return by rport.
    if (!advertised.isEmpty() && !advertised.startsWith("[")) {
      ((ListeningPointImpl) point).setSentBy(advertised + ":" + point.getPort());
    }
    return point;
  }

  private static Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("javax.sip.STACK_NAME", "linescribe-" + UUID.randomUUID());
    properties.setProperty("javax.sip.AUTOMATIC_DIALOG_SUPPORT", "on");
    properties.setProperty("javax.sip.ROUTER_PATH", SourceRouter.class.getName());
    properties.setProperty("javax.sip.USE_ROUTER_FOR_ALL_URIS", "true");
    properties.setProperty("gov.nist.javax.sip.STACK_LOGGER", JainSipLog.class.getName());
    properties.setProperty("gov.nist.javax.sip.SERVER_LOGGER", JainSipLog.class.getName());
    properties.setProperty("gov.nist.javax.sip.REENTRANT_LISTENER", "true");
    return properties;
  }

  public InetSocketAddress udpAddress() {
    return sockets.address(SipProtocol.UDP);
  }

  public InetSocketAddress tcpAddress() {
    return sockets.address(SipProtocol.TCP);
  }

  /** Where a further transport listens: "tls", "ws", "wss"; empty when it is off. */
  public Optional<InetSocketAddress> address(String protocol) {
    SipProtocol wanted = SipProtocol.of(protocol);
    return sockets.protocols().contains(wanted)
        ? Optional.of(sockets.address(wanted))
        : Optional.empty();
  }

  @Override
  public void close() {
    sockets.close();
    if (stack != null) {
      // The stack sleeps for a second when it stops, so it stops on its own thread.
      SipStackImpl stopping = stack;
      Thread.ofVirtual().name("linescribe-sip-stop").start(() -> stop(stopping, provider));
      stack = null;
    }
  }

  /**
   * The stack does not wake its scanner thread, which is no daemon and would keep the JVM alive.
   */
  private static void stop(SipStackImpl stopping, @Nullable SipProvider provider) {
    EventScanner scanner = stopping.getEventScanner();
    stopping.stop();
    if (provider != null) {
      scanner.addEvent(new EventWrapper(new EventObject(provider), null));
    }
  }

  SipProvider provider() {
    return Objects.requireNonNull(provider);
  }

  SipResponses responses() {
    return Objects.requireNonNull(responses);
  }

  boolean isConnected(SipProtocol protocol, InetSocketAddress peer) {
    return sockets.streams(protocol).connections().containsKey(peer);
  }

  /** Whether the gateway speaks a protocol. */
  boolean isServed(SipProtocol protocol) {
    return provider().getListeningPoint(protocol.lowerCase()) != null;
  }

  /**
   * Opens the connection to a server unless there is one. The stack would open it by the address,
   * which a certificate does not carry.
   *
   * @param name the host of the URI that it serves
   */
  void connect(SipLocator.Target target, String name) {
    if (target.protocol().isStream() && isServed(target.protocol())) {
      sockets
          .streams(target.protocol())
          .connect(new InetSocketAddress(target.address(), target.port()), name);
    }
  }

  RequestFailover failover() {
    return failover;
  }

  /** Sends requests outside of dialogs; when the server has started. */
  public SipClient client() {
    return new SipClient(this);
  }

  InetAddress localAddressFor(InetSocketAddress peer) {
    InetAddress bound = udpAddress().getAddress();
    if (!bound.isAnyLocalAddress()) {
      return bound;
    }
    // Connecting a datagram socket reveals the local address of the route; nothing is sent.
    try (DatagramSocket probe = new DatagramSocket()) {
      probe.connect(peer);
      return probe.getLocalAddress();
    } catch (SocketException e) {
      return bound;
    }
  }

  private void answerStateless(SIPRequest request) {
    new StackListener().processRequest(new RequestEvent(provider(), null, null, request));
  }

  private void onRequest(RequestEvent event) throws SipException, InvalidArgumentException {
    SIPRequest request = (SIPRequest) event.getRequest();
    switch (request.getMethod()) {
      case Request.ACK ->
          listener(event.getDialog()).ifPresent(l -> l.onAck(SipBody.of(request).sdp()));
      case Request.CANCEL -> {
        answer(event, request, Response.OK);
        listener(event.getDialog()).ifPresent(SipDialogListener::onCancel);
      }
      default -> {
        Optional<SipRefusal> refusal = rules.check(request);
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
      refuse(event, request, SipRefusal.of(481, "Call/Transaction Does Not Exist"));
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
      case Request.INFO -> {
        if (dialog == null) {
          refuse(event, request, SipRefusal.of(481, "Call/Transaction Does Not Exist"));
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
      transaction = provider().getNewServerTransaction(request);
    }
    SipBody body = SipBody.of(request);
    SipDialog dialog =
        new SipDialog(
            this,
            transaction.getDialog(),
            request,
            localAddressFor(source(request)),
            RequestValidator.isRecordingSession(request, body));
    transaction.getDialog().setApplicationData(dialog);
    SipTransaction invite = new SipTransaction(this, dialog, transaction, body);
    invite.trying();
    try {
      handler.onInvite(dialog, invite);
    } catch (RuntimeException e) {
      // Without a final response the transaction would never terminate.
      invite.reject(SipRefusal.of(500, "Server Internal Error"));
      throw e;
    }
  }

  /** The source address of a request. */
  static InetSocketAddress source(SIPRequest request) {
    return new InetSocketAddress(
        request.getPeerPacketSourceAddress(), request.getPeerPacketSourcePort());
  }

  /** The transport that a request came by. */
  static SipProtocol protocol(SIPRequest request) {
    return SipProtocol.of(request.getTopmostVia().getTransport());
  }

  private void modify(RequestEvent event, SIPRequest request)
      throws SipException, InvalidArgumentException {
    ServerTransaction transaction = event.getServerTransaction();
    if (event.getDialog() != null
        && transaction != null
        && event.getDialog().getApplicationData() instanceof SipDialog dialog
        && dialog.listener().isPresent()) {
      SipTransaction change = new SipTransaction(this, dialog, transaction, SipBody.of(request));
      dialog.refreshed(request);
      dialog.listener().get().onModify(change);
    } else {
      refuse(event, request, SipRefusal.of(481, "Call/Transaction Does Not Exist"));
    }
  }

  private static Optional<SipDialogListener> listener(@Nullable Dialog dialog) {
    return dialog != null && dialog.getApplicationData() instanceof SipDialog ours
        ? ours.listener()
        : Optional.empty();
  }

  private void answer(RequestEvent event, SIPRequest request, int status)
      throws SipException, InvalidArgumentException {
    Response response = responses().to(request, status);
    responses().statelessTag(request, response);
    if (request.getMethod().equals(Request.OPTIONS)) {
      responses().capabilities(response);
      responses().header(response, "Accept-Encoding", "identity");
      responses().header(response, "Accept-Language", "en");
    }
    send(event, response);
  }

  private void refuse(RequestEvent event, SIPRequest request, SipRefusal refusal)
      throws SipException, InvalidArgumentException {
    Response response = responses().to(request, refusal.status());
    responses().phrase(response, refusal.reason());
    responses().statelessTag(request, response);
    refusal.headers().forEach((name, value) -> responses().header(response, name, value));
    send(event, response);
  }

  private void send(RequestEvent event, Response response)
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

  private final class StackListener implements SipListenerExt {
    @Override
    public void processRequest(RequestEvent event) {
      try {
        onRequest(event);
      } catch (SipException | InvalidArgumentException e) {
        LOG.debug("{} not answered: {}", event.getRequest().getMethod(), e.toString());
      } catch (RuntimeException e) {
        metrics.defect(SipDefect.INTERNAL);
        String method = JainSipLog.cut(event.getRequest().getMethod());
        limiter.log(suppressed -> LOG.error("{} failed{}", method, suppressed, e));
      }
    }

    @Override
    public void processResponse(ResponseEvent event) {
      if (event.getResponse().getStatusCode() < 200) {
        return;
      }
      refreshAnswered(event);
      reply(event.getClientTransaction())
          .ifPresent(waiting -> waiting.complete(event.getResponse()));
    }

    private static Optional<SipClient.Reply> reply(@Nullable ClientTransaction transaction) {
      return transaction != null && transaction.getApplicationData() instanceof SipClient.Reply ours
          ? Optional.of(ours)
          : Optional.empty();
    }

    private void refreshAnswered(ResponseEvent event) {
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
      listener(event.getDialog()).ifPresent(SipDialogListener::onLost);
    }

    @Override
    public void processDialogTimeout(DialogTimeoutEvent event) {
      listener(event.getDialog()).ifPresent(SipDialogListener::onLost);
    }

    private void unanswered(@Nullable ClientTransaction transaction) {
      reply(transaction).ifPresent(waiting -> waiting.complete(SipReply.none()));
    }
  }
}
