package org.linescribe.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Makes messages of frames, a fragmented one within the same bound as one that comes whole.
 *
 * <p>Thread: the peer's event loop. Source: RFC 6455 §5.4.
 */
final class FrameAssembly {
  /** What a frame led to. */
  sealed interface Result {}

  /** A message is complete. */
  record Whole(Message message) implements Result {}

  /** The client asks for a pong; the payload is the receiver's to release. */
  record Ping(ByteBuf payload) implements Result {}

  /** The message in hand grew beyond the bound. */
  record TooBig() implements Result {}

  /** A pong, or a part of a message. */
  record Nothing() implements Result {}

  /** A message of the client. */
  sealed interface Message {}

  /** Binary. */
  record Binary(byte[] bytes) implements Message {}

  /** Text; what is not UTF-8 in it became U+FFFD. */
  record Text(String text) implements Message {}

  private static final Nothing NOTHING = new Nothing();

  private final long maxMessageBytes;
  private final ByteArrayOutputStream parts = new ByteArrayOutputStream(0);
  private boolean text;

  FrameAssembly(long maxMessageBytes) {
    this.maxMessageBytes = maxMessageBytes;
  }

  /**
   * @param frame borrowed
   */
  Result add(Object frame) {
    return switch (frame) {
      case PingWebSocketFrame ping -> new Ping(ping.content().retain());
      case TextWebSocketFrame first -> begin(first, true);
      case BinaryWebSocketFrame first -> begin(first, false);
      case ContinuationWebSocketFrame next -> append(next);
      default -> NOTHING;
    };
  }

  private Result begin(WebSocketFrame frame, boolean isText) {
    text = isText;
    parts.reset();
    if (frame.content().readableBytes() > maxMessageBytes) {
      return new TooBig();
    }
    if (frame.isFinalFragment()) {
      return whole(ByteBufUtil.getBytes(frame.content()));
    }
    return append(frame);
  }

  private Result append(WebSocketFrame frame) {
    if (parts.size() + (long) frame.content().readableBytes() > maxMessageBytes) {
      parts.reset();
      return new TooBig();
    }
    parts.writeBytes(ByteBufUtil.getBytes(frame.content()));
    if (!frame.isFinalFragment()) {
      return NOTHING;
    }
    byte[] message = parts.toByteArray();
    parts.reset();
    return whole(message);
  }

  private Whole whole(byte[] bytes) {
    return new Whole(
        text ? new Text(new String(bytes, StandardCharsets.UTF_8)) : new Binary(bytes));
  }
}
