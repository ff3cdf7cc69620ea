package org.linescribe.gateway.sip;

import gov.nist.javax.sip.header.CSeq;
import gov.nist.javax.sip.header.CallID;
import gov.nist.javax.sip.header.ContentLength;
import gov.nist.javax.sip.header.From;
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
import java.util.Set;
import javax.sip.InvalidArgumentException;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sip.SipMetrics.Defect;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From bytes to the stack: checks what must be right before a message is parsed, parses it, and
 * does what RFC 3261 §18.2 asks of a server's transport (received, rport).
 *
 * <p>Thread: the receiving socket's event loop.
 */
final class SipTransport implements MessageProcessorFactory {
  private static final Logger LOG = LoggerFactory.getLogger(SipTransport.class);

  private static final int RETRY_AFTER_S = 10;

  /** Without these a message cannot be matched or answered: an error in one refuses the message. */
  private static final Set<Class<?>> NEEDED =
      Set.of(
          From.class,
          To.class,
          CSeq.class,
          Via.class,
          CallID.class,
          ContentLength.class,
          RequestLine.class,
          StatusLine.class);

  private static final ParseExceptionListener STRICT_WHERE_NEEDED =
      new ParseExceptionListener() {
        @Override
        public void handleException(
            ParseException exception,
            SIPMessage message,
            @SuppressWarnings("rawtypes") @Nullable Class headerClass,
            String header,
            String text)
            throws ParseException {
          if (headerClass != null && NEEDED.contains(headerClass)) {
            throw exception;
          }
          message.addUnparsed(header);
        }
      };

  private final SipSockets sockets;
  private final SipMetrics metrics;
  private final int mostTransactions;
  private @Nullable SipMessageProcessor udp;
  private @Nullable SipMessageProcessor tcp;

  /**
   * @param mostTransactions beyond it, requests that begin anew are refused
   */
  SipTransport(SipSockets sockets, SipMetrics metrics, int mostTransactions) {
    this.sockets = sockets;
    this.metrics = metrics;
    this.mostTransactions = mostTransactions;
  }

  @Override
  public MessageProcessor createMessageProcessor(
      SIPTransactionStack stack, InetAddress address, int port, String protocol) {
    if (protocol.equalsIgnoreCase("udp")) {
      udp = new SipMessageProcessor(this, stack, address, port, "udp", sockets.udp());
      return udp;
    }
    tcp = new SipMessageProcessor(this, stack, address, port, "tcp", sockets.tcp());
    return tcp;
  }

  SipMessageProcessor udp() {
    return java.util.Objects.requireNonNull(udp);
  }

  SipMessageProcessor tcp() {
    return java.util.Objects.requireNonNull(tcp);
  }

  io.netty.channel.ChannelFuture connect(InetSocketAddress peer) {
    return sockets.connect(peer);
  }

  /** A datagram. Trailing bytes beyond Content-Length are no part of it (RFC 3261 §18.3). */
  void receiveDatagram(byte[] datagram, InetSocketAddress source) {
    SipMessageChannel channel = SipMessageChannel.udp(udp(), source);
    int head = headBytes(datagram);
    if (head == 0) {
      return;
    }
    HeadLines lines = HeadLines.of(datagram, head);
    long length = lines.contentLength();
    if (lines.defect().isPresent()) {
      refuse(lines, channel, 400, lines.defect().get());
    } else if (head + length > datagram.length) {
      refuse(lines, channel, 400, "body is shorter than Content-Length");
    } else {
      boolean sized = !lines.values("content-length").isEmpty();
      byte[] message = sized ? Arrays.copyOf(datagram, head + (int) length) : datagram;
      receive(message, lines, channel);
    }
  }

  /** A whole message of a TCP connection. */
  void receiveMessage(byte[] message, SipMessageChannel channel) {
    receive(message, HeadLines.of(message, headBytes(message)), channel);
  }

  /** A stream that cannot be read on; its owner closes it. */
  void receiveRefused(SipFramer.Refused refused, SipMessageChannel channel) {
    HeadLines lines = HeadLines.of(refused.head(), refused.head().length);
    metrics.defect(refused.status() == 513 ? Defect.TOO_LARGE : Defect.MALFORMED);
    answer(lines, channel, refused.status(), refused.reason());
  }

  private void receive(byte[] bytes, HeadLines lines, SipMessageChannel channel) {
    String start = lines.startLine();
    if (!start.startsWith("SIP/")
        && start.contains("SIP/")
        && !start.endsWith("SIP/2.0")
        && start.matches(".* SIP/\\d+\\.\\d+")) {
      metrics.defect(Defect.BAD_VERSION);
      answer(lines, channel, 505, "Version Not Supported");
      return;
    }
    SIPMessage message;
    try {
      message = new StringMsgParser().parseSIPMessage(bytes, true, false, STRICT_WHERE_NEEDED);
      if (message == null) {
        return;
      }
      check(message);
    } catch (ParseException | RuntimeException | StackOverflowError e) {
      // The parser is not ours and meets strangers' bytes: whatever it throws is a bad message.
      LOG.debug("bad message from {}: {}", channel.source(), StackLog.cut(e.getMessage()));
      refuse(lines, channel, 400, "Bad Request");
      return;
    }
    if (message instanceof SIPRequest request) {
      stamp(request, channel);
    }
    process(message, channel);
  }

  private static void check(SIPMessage message) throws ParseException {
    if (message instanceof SIPRequest request) {
      request.checkHeaders();
    } else if (message instanceof SIPResponse response) {
      response.checkHeaders();
    }
    if (message.getTopmostVia() == null) {
      throw new ParseException("no Via", 0);
    }
  }

  /** Where the response goes: to the packet's source, never where the sender merely says. */
  private static void stamp(SIPRequest request, SipMessageChannel channel) {
    Via via = request.getTopmostVia();
    InetSocketAddress source = channel.source();
    try {
      TransactionBranch.mark(request);
      via.removeParameter(Via.MADDR);
      via.setParameter(Via.RECEIVED, source.getAddress().getHostAddress());
      if (via.hasParameter(Via.RPORT)) {
        via.setParameter(Via.RPORT, Integer.toString(source.getPort()));
        channel.replyPort(source.getPort());
      } else {
        channel.replyPort(via.getPort() > 0 ? via.getPort() : 5060);
      }
      // A Via that names another transport than the one it came by would send the response there.
      via.setTransport(channel.getTransport().toUpperCase(java.util.Locale.ROOT));
    } catch (ParseException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Hands a parsed message to the stack's transactions. Also the stack's own way to itself. */
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
      metrics.defect(Defect.INTERNAL);
      LOG.warn("a {} was dropped", message instanceof SIPRequest ? "request" : "response", e);
    }
  }

  private void request(SIPRequest request, SipMessageChannel channel) {
    SIPTransactionStack stack = channel.getSIPStack();
    if (stack.getServerTransactionTableSize() >= mostTransactions && beginsAnew(request, stack)) {
      metrics.defect(Defect.TOO_MANY_REQUESTS);
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

  /** Neither a repetition nor something that ends what there is. */
  private static boolean beginsAnew(SIPRequest request, SIPTransactionStack stack) {
    return request.getToTag() == null
        && !request.getMethod().equals(Request.CANCEL)
        && !request.getMethod().equals(Request.ACK)
        && stack.findTransaction(request, true) == null;
  }

  /** Without a transaction, which is what there is too much of. */
  private static void refuse(SIPRequest request, SipMessageChannel channel) {
    SIPResponse response =
        request.createResponse(Response.SERVICE_UNAVAILABLE, "Too Many Requests");
    try {
      response.setToTag(Integer.toHexString(request.getCallId().getCallId().hashCode()));
      RetryAfter retryAfter = new RetryAfter();
      retryAfter.setRetryAfter(RETRY_AFTER_S);
      response.setHeader(retryAfter);
      channel.sendMessage(response);
    } catch (InvalidArgumentException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      // the peer is gone, and so is its wish for an answer
    }
  }

  private void response(SIPResponse response, SipMessageChannel channel) {
    ServerResponseInterface transaction =
        channel.getSIPStack().newSIPServerResponse(response, channel);
    if (transaction == null) {
      metrics.defect(Defect.STRAY_RESPONSE);
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

  private void refuse(HeadLines lines, SipMessageChannel channel, int status, String reason) {
    metrics.defect(Defect.MALFORMED);
    answer(lines, channel, status, reason);
  }

  private void answer(HeadLines lines, SipMessageChannel channel, int status, String reason) {
    InetSocketAddress source = channel.source();
    byte[] reply =
        RawReply.to(lines, status, reason, source.getAddress().getHostAddress(), source.getPort());
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

  /** Length of the head with its empty line; all of the message where there is none. */
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
