package org.linescribe.gateway.sip;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Splits a TCP stream into SIP messages by Content-Length. Never allocates a claimed length: a
 * message above the bound, an invalid length or an ambiguous head ends the stream.
 *
 * <p>Emits {@code byte[]} (one message each) and at most one final {@link UnreadableStream}. A CRLF
 * CRLF between messages is a keep-alive and is answered by one CRLF (RFC 5626 §4.4.1).
 *
 * <p>Thread: the connection's event loop. Source: RFC 3261 §18.3, §7.5.
 */
final class SipFramer extends ByteToMessageDecoder {
  /** The stream is out of frame; {@code head} holds the header bytes received so far. */
  record UnreadableStream(int status, String reason, byte[] head) {}

  private final int maxMessageBytes;
  private final long messageTimeoutMs;
  private int scannedBytes;

  /** Length of the current message, 0 while its head is incomplete. */
  private long wholeBytes;

  /** Unanswered line breaks since the last message. */
  private int lineBreaks;

  private boolean refused;
  private io.netty.util.concurrent.@Nullable Future<?> deadline;

  SipFramer(int maxMessageBytes, long messageTimeoutMs) {
    this.maxMessageBytes = maxMessageBytes;
    this.messageTimeoutMs = messageTimeoutMs;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (refused) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (scannedBytes == 0 && wholeBytes == 0 && !skipBlankLines(ctx, in)) {
      cancelDeadline();
      return;
    }
    armDeadline(ctx);
    if (wholeBytes == 0 && !readHead(in, out)) {
      return;
    }
    if (in.readableBytes() >= wholeBytes) {
      byte[] message = new byte[(int) wholeBytes];
      in.readBytes(message);
      scannedBytes = 0;
      wholeBytes = 0;
      cancelDeadline();
      out.add(message);
    }
  }

  /** Determines the message's length; false while the head is incomplete, or when refused. */
  private boolean readHead(ByteBuf in, List<Object> out) {
    int headBytes = headBytes(in);
    if (headBytes < 0) {
      if (in.readableBytes() > maxMessageBytes) {
        refuse(in, out, 513, "headers exceed " + maxMessageBytes + " bytes");
      }
      return false;
    }
    MessageHead head =
        MessageHead.of(in.toString(in.readerIndex(), headBytes, StandardCharsets.UTF_8));
    long bodyBytes = head.contentLength();
    if (head.defect().isPresent()) {
      refuse(in, out, 400, head.defect().get());
      return false;
    }
    if (!head.values("content-type").isEmpty() && head.values("content-length").isEmpty()) {
      // RFC 3261 §18.3: on a stream only Content-Length tells where the body ends.
      refuse(in, out, 400, "Content-Length is missing");
      return false;
    }
    if (headBytes + bodyBytes > maxMessageBytes) {
      refuse(in, out, 513, "message exceeds " + maxMessageBytes + " bytes");
      return false;
    }
    wholeBytes = headBytes + bodyBytes;
    return true;
  }

  /** Returns false when the buffer holds only blank lines. */
  private boolean skipBlankLines(ChannelHandlerContext ctx, ByteBuf in) {
    while (in.isReadable()) {
      byte b = in.getByte(in.readerIndex());
      if (b != '\r' && b != '\n' && b != ' ' && b != '\t') {
        lineBreaks = 0;
        return true;
      }
      in.skipBytes(1);
      if (b == ' ' || b == '\t') {
        lineBreaks = 0;
      }
      if (b == '\n' && ++lineBreaks == 2) {
        lineBreaks = 0;
        ctx.writeAndFlush(Unpooled.copiedBuffer("\r\n", StandardCharsets.US_ASCII));
      }
    }
    return false;
  }

  /** Length of start line, headers and empty line, or -1 while incomplete. */
  private int headBytes(ByteBuf in) {
    int start = in.readerIndex();
    int end = start + Math.min(in.readableBytes(), maxMessageBytes);
    for (int i = start + Math.max(0, scannedBytes - 3); i < end; i++) {
      if (in.getByte(i) == '\n') {
        if (i - 1 >= start && in.getByte(i - 1) == '\n') {
          return i + 1 - start;
        }
        if (i - 2 >= start && in.getByte(i - 1) == '\r' && in.getByte(i - 2) == '\n') {
          return i + 1 - start;
        }
      }
    }
    scannedBytes = end - start;
    return -1;
  }

  private void refuse(ByteBuf in, List<Object> out, int status, String reason) {
    refused = true;
    cancelDeadline();
    byte[] head = new byte[Math.min(in.readableBytes(), 8192)];
    in.getBytes(in.readerIndex(), head);
    in.skipBytes(in.readableBytes());
    out.add(new UnreadableStream(status, reason, head));
  }

  private void armDeadline(ChannelHandlerContext ctx) {
    if (deadline == null) {
      deadline =
          ctx.executor().schedule(() -> ctx.close(), messageTimeoutMs, TimeUnit.MILLISECONDS);
    }
  }

  private void cancelDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    cancelDeadline();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    cancelDeadline();
    super.channelInactive(ctx);
  }
}
