package org.linescribe.gateway.sip;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The handlers between a socket and {@link SipStreams}' connection: the opening handshake with the
 * subprotocol {@code sip}, and one SIP message in each WebSocket message, text or binary. Ours are
 * text, which every client reads.
 *
 * <p>Thread: the connection's event loop. Source: RFC 7118 §4, §5; RFC 6455 §4.2.
 */
final class SipWebSocket {
  private static final String SUBPROTOCOL = "sip";
  private static final int MAX_HANDSHAKE_BYTES = 16 * 1024;

  private SipWebSocket() {}

  static void addTo(ChannelPipeline pipeline, SipListeners settings) {
    int maxBytes = settings.sip().maxMessageBytes();
    pipeline
        .addLast(new HttpServerCodec())
        .addLast(new HttpObjectAggregator(MAX_HANDSHAKE_BYTES))
        .addLast(new HandshakeCheck(settings.webSocket().origins()))
        .addLast(
            new WebSocketServerProtocolHandler(
                WebSocketServerProtocolConfig.newBuilder()
                    .websocketPath("/")
                    .checkStartsWith(true)
                    .subprotocols(SUBPROTOCOL)
                    .handshakeTimeoutMillis(settings.sip().messageTimeout().toMillis())
                    .decoderConfig(
                        WebSocketDecoderConfig.newBuilder()
                            .maxFramePayloadLength(maxBytes)
                            .withUTF8Validator(false)
                            .build())
                    .build()))
        .addLast(new WebSocketFrameAggregator(maxBytes))
        .addLast(new MessageCodec());
  }

  /** Refuses what is no WebSocket handshake for SIP, and pages of origins that are not allowed. */
  private static final class HandshakeCheck extends ChannelInboundHandlerAdapter {
    private final List<String> origins;

    HandshakeCheck(List<String> origins) {
      this.origins = origins;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (!(message instanceof FullHttpRequest request)) {
        ctx.fireChannelRead(message);
        return;
      }
      HttpHeaders headers = request.headers();
      if (!headers.containsValue(HttpHeaderNames.UPGRADE, "websocket", true)) {
        refuse(ctx, message, HttpResponseStatus.UPGRADE_REQUIRED);
      } else if (!offersSip(headers)) {
        refuse(ctx, message, HttpResponseStatus.BAD_REQUEST);
      } else if (!isAllowed(headers)) {
        refuse(ctx, message, HttpResponseStatus.FORBIDDEN);
      } else {
        ctx.pipeline().remove(this);
        ctx.fireChannelRead(message);
      }
    }

    private static boolean offersSip(HttpHeaders headers) {
      return headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
          .flatMap(value -> Arrays.stream(value.split(",")))
          .anyMatch(value -> value.strip().equals(SUBPROTOCOL));
    }

    private boolean isAllowed(HttpHeaders headers) {
      String origin = headers.get(HttpHeaderNames.ORIGIN);
      if (origin == null || origins.contains("*")) {
        return true;
      }
      String lower = origin.toLowerCase(Locale.ROOT);
      String host = String.valueOf(headers.get(HttpHeaderNames.HOST)).toLowerCase(Locale.ROOT);
      return origins.contains(lower)
          || lower.equals("https://" + host)
          || lower.equals("http://" + host);
    }

    private static void refuse(
        ChannelHandlerContext ctx, Object message, HttpResponseStatus status) {
      ReferenceCountUtil.release(message);
      DefaultFullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
      response.headers().set(HttpHeaderNames.CONNECTION, "close");
      ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** A WebSocket message is a SIP message, as {@code byte[]}, or a keep-alive (RFC 5626 §3.5.1). */
  private static final class MessageCodec extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
    @Override
    protected void decode(ChannelHandlerContext ctx, WebSocketFrame frame, List<Object> out) {
      if (!(frame instanceof TextWebSocketFrame) && !(frame instanceof BinaryWebSocketFrame)) {
        return;
      }
      byte[] bytes = ByteBufUtil.getBytes(frame.content());
      int from = 0;
      while (from < bytes.length && (bytes[from] == '\r' || bytes[from] == '\n')) {
        from++;
      }
      if (from < bytes.length) {
        out.add(from == 0 ? bytes : Arrays.copyOfRange(bytes, from, bytes.length));
      } else if (from == 4) {
        ctx.writeAndFlush(new TextWebSocketFrame("\r\n"));
      }
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, ByteBuf message, List<Object> out) {
      out.add(new TextWebSocketFrame(message.toString(StandardCharsets.UTF_8)));
    }
  }
}
