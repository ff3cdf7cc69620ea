package org.linescribe.gateway.sip;

import gov.nist.javax.sip.header.CSeq;
import gov.nist.javax.sip.header.CallID;
import gov.nist.javax.sip.header.ContentLength;
import gov.nist.javax.sip.header.From;
import gov.nist.javax.sip.header.MaxForwards;
import gov.nist.javax.sip.header.RequestLine;
import gov.nist.javax.sip.header.RetryAfter;
import gov.nist.javax.sip.header.StatusLine;
import gov.nist.javax.sip.header.To;
import gov.nist.javax.sip.header.Via;
import gov.nist.javax.sip.message.SIPMessage;
import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.message.SIPResponse;
import gov.nist.javax.sip.parser.ParseExceptionListener;
import gov.nist.javax.sip.parser.StringMsgParser;
import gov.nist.javax.sip.stack.MessageProcessor;
import gov.nist.javax.sip.stack.MessageProcessorFactory;
import gov.nist.javax.sip.stack.SIPClientTransaction;
import gov.nist.javax.sip.stack.SIPServerTransaction;
import gov.nist.javax.sip.stack.SIPTransaction;
import gov.nist.javax.sip.stack.SIPTransactionStack;
import gov.nist.javax.sip.stack.ServerRequestInterface;
import gov.nist.javax.sip.stack.ServerResponseInterface;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.sip.InvalidArgumentException;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sip.SipMetrics.SipDefect;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes received bytes to the stack: checks the head before parsing, parses, and applies the
 * server transport rules of RFC 3261 §18.2 (received, rport).
 *
 * <p>Thread: the receiving socket's event loop.
 */
final class SipTransport implements MessageProcessorFactory {
  private static final Logger LOG = LoggerFactory.getLogger(SipTransport.class);

  private static final int RETRY_AFTER_S = 10;

  /** Methods whose response needs neither dialog nor call: what scanners send. */
  private static final Set<String> STATELESS =
      Set.of(Request.OPTIONS, Request.REGISTER, Request.MESSAGE, Request.SUBSCRIBE);

  private static final int DEFAULT_MAX_FORWARDS = 70;

  /** Headers needed to match and answer a message; an error in one rejects the message. */
  private static final Set<Class<?>> MANDATORY =
      Set.of(
          From.class,
          To.class,
          CSeq.class,
          Via.class,
          CallID.class,
          ContentLength.class,
          RequestLine.class,
          StatusLine.class);

  private static final ParseExceptionListener STRICT_WHERE_MANDATORY =
      new ParseExceptionListener() {
        @Override
        public void handleException(
            ParseException exception,
            SIPMessage message,
            @SuppressWarnings("rawtypes") @Nullable Class headerClass,
            String header,
            String text)
            throws ParseException {
          if (headerClass != null && MANDATORY.contains(headerClass)) {
            throw exception;
          }
          message.addUnparsed(header);
        }
      };

  private final SipSockets sockets;
  private final SipMetrics metrics;
  private final Consumer<SIPRequest> stateless;
  private final int maxTransactions;
  private final Map<SipProtocol, SipMessageProcessor> processors = new ConcurrentHashMap<>();

  /**
   * @param stateless answers a request that needs no transaction
   * @param maxTransactions above it, new transactions are refused with 503
   */
  SipTransport(
      SipSockets sockets, SipMetrics metrics, Consumer<SIPRequest> stateless, int maxTransactions) {
    this.stateless = stateless;
    this.sockets = sockets;
    this.metrics = metrics;
    this.maxTransactions = maxTransactions;
  }

  @Override
  public MessageProcessor createMessageProcessor(
      SIPTransactionStack stack, InetAddress address, int port, String transport) {
    SipProtocol protocol = SipProtocol.of(transport);
    SipMessageProcessor made =
        new SipMessageProcessor(this, stack, address, port, protocol, sockets);
    processors.put(protocol, made);
    return made;
  }

  SipMessageProcessor processor(SipProtocol protocol) {
    return Objects.requireNonNull(processors.get(protocol));
  }

  /** Handles a datagram; bytes beyond Content-Length are ignored (RFC 3261 §18.3). */
  void receiveDatagram(byte[] datagram, InetSocketAddress source) {
    SipMessageChannel channel = SipMessageChannel.udp(processor(SipProtocol.UDP), source);
    int head = headBytes(datagram);
    if (head == 0) {
      return;
    }
    MessageHead lines = MessageHead.of(datagram, head);
    long length = lines.contentLength();
    if (lines.defect().isPresent()) {
      refuse(lines, channel, 400, lines.defect().get());
    } else if (head + length > datagram.length) {
      refuse(lines, channel, 400, "body is shorter than Content-Length");
    } else {
      boolean sized = !lines.values("content-length").isEmpty();
      byte[] message = sized ? Arrays.copyOf(datagram, head + (int) length) : sized(datagram, head);
      receive(message, lines, channel);
    }
  }

  /** Adds the Content-Length that a datagram may omit, because the parser ignores the body else. */
  private static byte[] sized(byte[] datagram, int headBytes) {
    int firstLineBytes = 0;
    while (firstLineBytes < headBytes && datagram[firstLineBytes++] != '\n') {}
    byte[] header =
        ("Content-Length: " + (datagram.length - headBytes) + "\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] message = new byte[datagram.length + header.length];
    System.arraycopy(datagram, 0, message, 0, firstLineBytes);
    System.arraycopy(header, 0, message, firstLineBytes, header.length);
    System.arraycopy(
        datagram,
        firstLineBytes,
        message,
        firstLineBytes + header.length,
        datagram.length - firstLineBytes);
    return message;
  }

  /** Handles one message of a connection. */
  void receiveMessage(byte[] message, SipMessageChannel channel) {
    receive(message, MessageHead.of(message, headBytes(message)), channel);
  }

  /** Refuses a message of a connection whose source exceeds its rate. */
  void refuseMessage(byte[] message, SipMessageChannel channel) {
    metrics.defect(SipDefect.SOURCE_LIMIT);
    answer(MessageHead.of(message, headBytes(message)), channel, 503, "Too Many Messages");
  }

  /** Answers an unreadable stream, which its owner then closes. */
  void receiveRefused(SipFramer.UnreadableStream refused, SipMessageChannel channel) {
    MessageHead lines = MessageHead.of(refused.head(), refused.head().length);
    metrics.defect(refused.status() == 513 ? SipDefect.TOO_LARGE : SipDefect.MALFORMED);
    answer(lines, channel, refused.status(), refused.reason());
  }

  private void receive(byte[] bytes, MessageHead lines, SipMessageChannel channel) {
    String start = lines.startLine();
    if (!start.startsWith("SIP/")
        && start.contains("SIP/")
        && !start.endsWith("SIP/2.0")
        && start.matches(".* SIP/\\d+\\.\\d+")) {
      metrics.defect(SipDefect.BAD_VERSION);
      answer(lines, channel, 505, "Version Not Supported");
      return;
    }
    SIPMessage message;
    try {
      message = new StringMsgParser().parseSIPMessage(bytes, true, false, STRICT_WHERE_MANDATORY);
      if (message == null) {
        return;
      }
      check(message);
    } catch (ParseException | InvalidArgumentException | RuntimeException | StackOverflowError e) {
      // JAIN-SIP's parser throws almost anything on hostile bytes; all of it means a bad message.
      LOG.debug("bad message from {}: {}", channel.source(), JainSipLog.cut(e.getMessage()));
      refuse(lines, channel, 400, "Bad Request");
      return;
    }
    if (message instanceof SIPRequest request) {
      stamp(request, channel);
    }
    process(message, channel);
  }

  private static void check(SIPMessage message) throws ParseException, InvalidArgumentException {
    if (message instanceof SIPRequest request) {
      if (request.getMaxForwards() == null) {
        // RFC 3261 §16.3: a proxy adds a missing Max-Forwards, so a server need not insist on it.
        MaxForwards header = new MaxForwards();
        header.setMaxForwards(DEFAULT_MAX_FORWARDS);
        request.setHeader(header);
      }
      request.checkHeaders();
    } else if (message instanceof SIPResponse response) {
      response.checkHeaders();
    }
    if (message.getTopmostVia() == null) {
      throw new ParseException("no Via", 0);
    }
  }

  /** Directs the response to the packet's source, never to the host that the Via claims. */
  private static void stamp(SIPRequest request, SipMessageChannel channel) {
    Via via = request.getTopmostVia();
    InetSocketAddress source = channel.source();
    try {
      TransactionBranch.mark(request);
      int sentByPort =
          via.getPort() > 0 ? via.getPort() : SipProtocol.of(channel.getTransport()).defaultPort();
      channel.reconnectPort(sentByPort);
      via.removeParameter(Via.MADDR);
      via.setParameter(Via.RECEIVED, source.getAddress().getHostAddress());
      if (via.hasParameter(Via.RPORT)) {
        via.setParameter(Via.RPORT, Integer.toString(source.getPort()));
        channel.replyPort(source.getPort());
      } else {
        channel.replyPort(sentByPort);
      }
      // A Via with another transport would direct the response to that transport.
      via.setTransport(channel.getTransport().toUpperCase(java.util.Locale.ROOT));
    } catch (ParseException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Dispatches a parsed message to the stack's transactions; the stack loops back through it. */
  void process(SIPMessage message, SipMessageChannel channel) {
    message.setRemoteAddress(channel.source().getAddress());
    message.setRemotePort(channel.getPeerPort());
    message.setLocalAddress(channel.getMessageProcessor().getIpAddress());
    message.setLocalPort(channel.getPort());
    message.setPeerPacketSourceAddress(channel.source().getAddress());
    message.setPeerPacketSourcePort(channel.source().getPort());
    try {
      if (message instanceof SIPRequest request) {
        metrics.request(request.getMethod());
        request(request, channel);
      } else if (message instanceof SIPResponse response) {
        response(response, channel);
      }
    } catch (RuntimeException e) {
      metrics.defect(SipDefect.INTERNAL);
      LOG.warn("dropped {}", JainSipLog.cut(message.getFirstLine()), e);
    }
  }

  private void request(SIPRequest request, SipMessageChannel channel) {
    if (STATELESS.contains(request.getMethod()) && request.getToTag() == null) {
      // RFC 3261 §8.2.7: without a transaction, which would be kept for 32 s.
      request.setMessageChannel(channel);
      stateless.accept(request);
      return;
    }
    SIPTransactionStack stack = channel.getSIPStack();
    if (request.getMethod().equals(Request.CANCEL)
        && stack.findCancelTransaction(request, true) == null) {
      // RFC 3261 §9.2. The stack would keep a transaction for 32 s for it.
      metrics.defect(SipDefect.STRAY_CANCEL);
      answer(request, channel, Response.CALL_OR_TRANSACTION_DOES_NOT_EXIST);
      return;
    }
    if (stack.getServerTransactionTableSize() >= maxTransactions
        && startsTransaction(request, stack)) {
      metrics.defect(SipDefect.TOO_MANY_REQUESTS);
      refuse(request, channel);
      return;
    }
    ServerRequestInterface transaction = stack.newSIPServerRequest(request, channel);
    if (transaction == null) {
      return;
    }
    try {
      transaction.processRequest(request, channel);
    } finally {
      if (transaction instanceof SIPServerTransaction server && !server.passToListener()) {
        server.releaseSem();
      }
    }
  }

  /** Neither a retransmission nor a request within a dialog or transaction. */
  private static boolean startsTransaction(SIPRequest request, SIPTransactionStack stack) {
    return request.getToTag() == null
        && !request.getMethod().equals(Request.CANCEL)
        && !request.getMethod().equals(Request.ACK)
        && stack.findTransaction(request, true) == null;
  }

  /** Answers without a transaction, because the transaction table is full. */
  private static void refuse(SIPRequest request, SipMessageChannel channel) {
    answer(request, channel, Response.SERVICE_UNAVAILABLE);
  }

  private static void answer(SIPRequest request, SipMessageChannel channel, int status) {
    SIPResponse response = request.createResponse(status);
    try {
      if (request.getToTag() == null) {
        response.setToTag(Integer.toHexString(request.getCallId().getCallId().hashCode()));
      }
      if (status == Response.SERVICE_UNAVAILABLE) {
        response.setReasonPhrase("Too Many Requests");
        RetryAfter retryAfter = new RetryAfter();
        retryAfter.setRetryAfter(RETRY_AFTER_S);
        response.setHeader(retryAfter);
      }
      channel.sendMessage(response);
    } catch (InvalidArgumentException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      // The peer has disconnected and cannot receive an answer.
    }
  }

  private void response(SIPResponse response, SipMessageChannel channel) {
    ServerResponseInterface transaction =
        channel.getSIPStack().newSIPServerResponse(response, channel);
    if (transaction == null) {
      metrics.defect(SipDefect.STRAY_RESPONSE);
      return;
    }
    try {
      if (transaction instanceof SIPClientTransaction client && !client.checkFromTag(response)) {
        return;
      }
      transaction.processResponse(response, channel);
    } finally {
      if (transaction instanceof SIPTransaction any && !any.passToListener()) {
        any.releaseSem();
      }
    }
  }

  private void refuse(MessageHead lines, SipMessageChannel channel, int status, String reason) {
    metrics.defect(SipDefect.MALFORMED);
    answer(lines, channel, status, reason);
  }

  private void answer(MessageHead lines, SipMessageChannel channel, int status, String reason) {
    InetSocketAddress source = channel.source();
    byte[] reply =
        StatelessResponse.to(
            lines, status, reason, source.getAddress().getHostAddress(), source.getPort());
    if (reply != null) {
      channel.reply(reply);
    }
  }

  void countSent(byte[] message) {
    if (message.length > 12 && message[0] == 'S' && message[3] == '/') {
      String status = new String(message, 8, 3, StandardCharsets.US_ASCII);
      metrics.response(Integer.parseInt(status));
    }
  }

  /** Length of the head with its empty line; the whole length without one. */
  private static int headBytes(byte[] message) {
    for (int i = 1; i < message.length; i++) {
      if (message[i] == '\n'
          && (message[i - 1] == '\n'
              || (i > 2 && message[i - 1] == '\r' && message[i - 2] == '\n'))) {
        return i + 1;
      }
    }
    return message.length;
  }
}
