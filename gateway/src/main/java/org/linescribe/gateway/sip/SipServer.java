package org.linescribe.gateway.sip;

import gov.nist.javax.sip.EventScanner;
import gov.nist.javax.sip.EventWrapper;
import gov.nist.javax.sip.ListeningPointImpl;
import gov.nist.javax.sip.SipStackImpl;
import gov.nist.javax.sip.message.SIPMessage;
import gov.nist.javax.sip.message.SIPRequest;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.text.ParseException;
import java.util.EnumMap;
import java.util.EventObject;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import javax.sip.InvalidArgumentException;
import javax.sip.ListeningPoint;
import javax.sip.RequestEvent;
import javax.sip.SipException;
import javax.sip.SipProvider;
import org.jspecify.annotations.Nullable;

/**
 * The SIP user agent: UDP and TCP on one port, TLS and WebSocket on theirs. Its requests are
 * answered by {@link SipRequests}.
 *
 * <p>JAIN-SIP handles transactions and dialogs; Netty handles sockets and framing, because the
 * stack's own TCP allocates any claimed Content-Length.
 *
 * <p>Thread: {@link #start} and {@link #close} from one thread, the rest from any.
 */
public final class SipServer implements AutoCloseable {
  /** The stack keeps a transaction for 32 s after its answer: some hundred megabytes at most. */
  private static final int MAX_TRANSACTIONS = 50_000;

  private final SipSettings settings;
  private final SipMetrics metrics;
  private final SipSockets sockets;
  private final SipTransport transport;
  private final StackEvents events;
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
    this.metrics = new SipMetrics(registry);
    this.sockets = new SipSockets(listeners, metrics);
    this.transport = new SipTransport(sockets, metrics, this::answerStateless, maxTransactions);
    this.events =
        new StackEvents(new SipRequests(this, handler, new RequestValidator(settings)), metrics);
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
      created.addSipListener(events);
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
    // How long the 200s of further phones find our INVITE: twice their repetitions.
    properties.setProperty("gov.nist.javax.sip.MAX_FORK_TIME_SECONDS", "64");
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

  /** The source address of a message. */
  static InetSocketAddress source(SIPMessage message) {
    return new InetSocketAddress(
        message.getPeerPacketSourceAddress(), message.getPeerPacketSourcePort());
  }

  /** The transport that a message came by. */
  static SipProtocol protocol(SIPMessage message) {
    return SipProtocol.of(message.getTopmostVia().getTransport());
  }

  /** Whether a server is this gateway. */
  boolean isOwn(SipLocator.Target target) {
    if (!isServed(target.protocol())) {
      return false;
    }
    InetSocketAddress bound = sockets.address(target.protocol());
    InetAddress address = target.address();
    String advertised = settings.advertisedHost();
    if (bound.getPort() == target.port()
        && SipLocator.isLiteral(advertised)
        && address.equals(InetAddress.ofLiteral(advertised.replaceAll("[\\[\\]]", "")))) {
      return true;
    }
    if (bound.getPort() != target.port() || !bound.getAddress().isAnyLocalAddress()) {
      return bound.equals(new InetSocketAddress(address, target.port()));
    }
    try {
      return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  private void answerStateless(SIPRequest request) {
    events.processRequest(new RequestEvent(provider(), null, null, request));
  }
}
