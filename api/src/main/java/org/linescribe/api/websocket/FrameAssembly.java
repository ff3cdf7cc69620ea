package org.linescribe.api.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Makes messages of frames, a fragmented one within the same bound as one that comes whole.
 *
 * <p>Thread: the peer's event loop. Source: RFC 6455 §5.4, §8.1.
 */
final class FrameAssembly {
  /** What a frame led to. */
  sealed interface Result {}

  /** A message is complete. */
  record Whole(Message message) implements Result {}

  /** The client asks for a pong; the payload is the receiver's to release. */
  record Ping(ByteBuf payload) implements Result {}

  /** The message grew beyond the bound. */
  record TooBig() implements Result {}

  /** The text message is not UTF-8. */
  record NotUtf8() implements Result {}

  /** A pong, or a part of a message. */
  record Nothing() implements Result {}

  /** A message of the client. */
  sealed interface Message {}

  /** Binary. */
  record Binary(byte[] bytes) implements Message {}

  /** Text. */
  record Text(String text) implements Message {}

  private static final Nothing NOTHING = new Nothing();

  private final long maxMessageBytes;
  private ByteArrayOutputStream parts = new ByteArrayOutputStream(0);
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
      forgetParts();
      return new TooBig();
    }
    parts.writeBytes(ByteBufUtil.getBytes(frame.content()));
    if (!frame.isFinalFragment()) {
      return NOTHING;
    }
    byte[] message = parts.toByteArray();
    forgetParts();
    return whole(message);
  }

  /**
   * A stream that is reset would keep the memory of its largest message for as long as the socket.
   */
  private void forgetParts() {
    parts = new ByteArrayOutputStream(0);
  }

  private Result whole(byte[] bytes) {
    if (!text) {
      return new Whole(new Binary(bytes));
    }
    try {
      return new Whole(
          new Text(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()));
    } catch (CharacterCodingException notUtf8) {
      return new NotUtf8();
    }
  }
}
