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
import java.util.EventObject;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
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
import org.linescribe.gateway.sip.SipMetrics.Defect;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SIP user agent server: UDP and TCP on one port. Answers what needs no call (OPTIONS, wrong
 * methods, unknown extensions, unknown dialogs) and hands the rest to the {@link SipCallHandler}.
 *
 * <p>Transactions and dialogs are JAIN-SIP's; sockets and framing are Netty's, because the stack's
 * own TCP believes any Content-Length.
 *
 * <p>Thread: {@link #start} and {@link #close} from one thread, the rest from any.
 */
public final class SipServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SipServer.class);

  /**
   * The stack keeps a request for half a minute after its answer: some hundred megabytes at most.
   */
  private static final int MOST_TRANSACTIONS = 50_000;

  private final SipSettings settings;
  private final SipCallHandler handler;
  private final SipMetrics metrics;
  private final SipSockets sockets;
  private final SipTransport transport;
  private final RequestRules rules;
  private @Nullable SipStackImpl stack;
  private @Nullable SipProvider provider;
  private @Nullable SipResponses responses;

  public SipServer(SipSettings settings, SipCallHandler handler, MeterRegistry registry) {
    this(settings, handler, registry, MOST_TRANSACTIONS);
  }

  SipServer(
      SipSettings settings, SipCallHandler handler, MeterRegistry registry, int mostTransactions) {
    this.settings = settings;
    this.handler = handler;
    this.metrics = new SipMetrics(registry);
    this.sockets = new SipSockets(settings, metrics);
    this.transport = new SipTransport(sockets, metrics, mostTransactions);
    this.rules = new RequestRules(settings);
  }

  /** Binds and serves. */
  public void start() throws SipBindException {
    sockets.open();
    InetSocketAddress bound = (InetSocketAddress) sockets.udp().localAddress();
    responses = new SipResponses(settings.advertisedHost(), bound.getPort());
    try {
      SipStackImpl made = new SipStackImpl(properties());
      stack = made;
      made.setMessageProcessorFactory(transport);
      String host = bound.getAddress().getHostAddress();
      ListeningPoint udp = made.createListeningPoint(host, bound.getPort(), "udp");
      ListeningPoint tcp = made.createListeningPoint(host, bound.getPort(), "tcp");
      String advertised = settings.advertisedHost();
      // The stack reads an IPv6 address there as host and port. Our requests then name the bound
      // address in Via; their responses come back to where they left from, by rport.
      if (!advertised.isEmpty() && !advertised.startsWith("[")) {
        ((ListeningPointImpl) udp).setSentBy(advertised + ":" + udp.getPort());
        ((ListeningPointImpl) tcp).setSentBy(advertised + ":" + tcp.getPort());
      }
      SipProvider created = made.createSipProvider(udp);
      created.addListeningPoint(tcp);
      created.addSipListener(new Listener());
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

  private static Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("javax.sip.STACK_NAME", "linescribe-" + UUID.randomUUID());
    properties.setProperty("javax.sip.AUTOMATIC_DIALOG_SUPPORT", "on");
    properties.setProperty("javax.sip.ROUTER_PATH", SourceRouter.class.getName());
    properties.setProperty("javax.sip.USE_ROUTER_FOR_ALL_URIS", "true");
    properties.setProperty("gov.nist.javax.sip.STACK_LOGGER", StackLog.class.getName());
    properties.setProperty("gov.nist.javax.sip.SERVER_LOGGER", MessageTrace.class.getName());
    properties.setProperty("gov.nist.javax.sip.REENTRANT_LISTENER", "true");
    return properties;
  }

  public InetSocketAddress udpAddress() {
    return (InetSocketAddress) sockets.udp().localAddress();
  }

  public InetSocketAddress tcpAddress() {
    return (InetSocketAddress) sockets.tcp().localAddress();
  }

  @Override
  public void close() {
    sockets.close();
    if (stack != null) {
      // The stack sleeps a second when it stops; nobody needs to wait for that.
      SipStackImpl stopping = stack;
      Thread.ofVirtual().name("linescribe-sip-stop").start(() -> stop(stopping, provider));
      stack = null;
    }
  }

  /** The stack forgets to wake its scanner thread, which is no daemon and would keep the JVM. */
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

  boolean isConnected(InetSocketAddress peer) {
    return transport.tcp().connections().containsKey(peer);
  }

  private InetAddress localAddressFor(InetSocketAddress peer) {
    InetAddress bound = udpAddress().getAddress();
    if (!bound.isAnyLocalAddress()) {
      return bound;
    }
    // A connected datagram socket tells the address that routing would choose; nothing is sent.
    try (DatagramSocket probe = new DatagramSocket()) {
      probe.connect(peer);
      return probe.getLocalAddress();
    } catch (SocketException e) {
      return bound;
    }
  }

  private void onRequest(RequestEvent event) throws SipException, InvalidArgumentException {
    SIPRequest request = (SIPRequest) event.getRequest();
    switch (request.getMethod()) {
      case Request.ACK ->
          listener(event.getDialog()).ifPresent(l -> l.onAck(RequestRules.sdp(request)));
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
      case Request.OPTIONS -> answer(event, request, Response.OK);
      case Request.INVITE -> invite(event, request);
      case Request.UPDATE -> modify(event, request);
      case Request.INFO -> {
        if (dialog == null) {
          refuse(event, request, SipRefusal.of(481, "Call/Transaction Does Not Exist"));
        } else {
          answer(event, request, Response.OK);
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
    SipDialog dialog =
        new SipDialog(this, transaction.getDialog(), request, localAddressFor(source(request)));
    transaction.getDialog().setApplicationData(dialog);
    SipTransaction invite =
        new SipTransaction(this, dialog, transaction, RequestRules.sdp(request));
    invite.trying();
    try {
      handler.onInvite(dialog, invite);
    } catch (RuntimeException e) {
      // Without a final answer the peer would ring, and the stack remember it, for ever.
      invite.reject(SipRefusal.of(500, "Server Internal Error"));
      throw e;
    }
  }

  /** Where a request came from. */
  static InetSocketAddress source(SIPRequest request) {
    return new InetSocketAddress(
        request.getPeerPacketSourceAddress(), request.getPeerPacketSourcePort());
  }

  /** What it came by: "udp" or "tcp". */
  static String protocol(SIPRequest request) {
    return request.getTopmostVia().getTransport().equalsIgnoreCase("tcp") ? "tcp" : "udp";
  }

  private void modify(RequestEvent event, SIPRequest request)
      throws SipException, InvalidArgumentException {
    ServerTransaction transaction = event.getServerTransaction();
    if (event.getDialog() != null
        && transaction != null
        && event.getDialog().getApplicationData() instanceof SipDialog dialog
        && dialog.listener().isPresent()) {
      SipTransaction change =
          new SipTransaction(this, dialog, transaction, RequestRules.sdp(request));
      dialog.heard(request);
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
      // Not by the provider: it would answer a stream at the Via's port, by a new connection.
      try {
        ((MessageChannel) ((SIPRequest) event.getRequest()).getMessageChannel())
            .sendMessage((SIPResponse) response);
      } catch (IOException e) {
        throw new SipException("not sent", e);
      }
    }
  }

  private final class Listener implements SipListenerExt {
    @Override
    public void processRequest(RequestEvent event) {
      try {
        onRequest(event);
      } catch (SipException | InvalidArgumentException e) {
        LOG.debug("{} not answered: {}", event.getRequest().getMethod(), e.toString());
      } catch (RuntimeException e) {
        metrics.defect(Defect.INTERNAL);
        LOG.error("{} failed", StackLog.cut(event.getRequest().getMethod()), e);
      }
    }

    @Override
    public void processResponse(ResponseEvent event) {
      if (event.getResponse().getStatusCode() >= 200) {
        complete(event.getClientTransaction());
      }
    }

    @Override
    public void processTimeout(TimeoutEvent event) {
      if (!event.isServerTransaction()) {
        complete(event.getClientTransaction());
      }
    }

    @Override
    public void processIOException(IOExceptionEvent event) {
      if (event.getSource() instanceof ClientTransaction transaction) {
        complete(transaction);
      }
    }

    @Override
    public void processTransactionTerminated(TransactionTerminatedEvent event) {
      complete(event.getClientTransaction());
    }

    @Override
    public void processDialogTerminated(DialogTerminatedEvent event) {
      listener(event.getDialog()).ifPresent(l -> l.onLost("the dialog ended"));
    }

    @Override
    public void processDialogTimeout(DialogTimeoutEvent event) {
      listener(event.getDialog()).ifPresent(l -> l.onLost(event.getReason().name()));
    }

    private void complete(@Nullable ClientTransaction transaction) {
      if (transaction != null
          && transaction.getApplicationData() instanceof CompletableFuture<?> answered) {
        answered.complete(null);
      }
    }
  }
}
