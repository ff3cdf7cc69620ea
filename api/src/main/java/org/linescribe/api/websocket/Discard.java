package org.linescribe.api.websocket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Reads on after a broken or oversized frame and throws away what comes, until the client is quiet.
 * Netty would close at once; what the client has on its way then resets the connection, and with it
 * goes the close frame that says why.
 *
 * <p>Thread: the channel's event loop.
 */
final class Discard extends ChannelInboundHandlerAdapter {
  private static final String DECODER = "wsdecoder";
  private static final long QUIET_MS = 1000;

  private boolean received;

  private Discard() {}

  /** A decoder that reports a violation and leaves the close to us. */
  static void letUsCloseOnViolation(Channel channel, int maxFrameBytes) {
    if (channel.pipeline().get(DECODER) instanceof WebSocket13FrameDecoder) {
      WebSocketDecoderConfig config =
          WebSocketDecoderConfig.newBuilder()
              .expectMaskedFrames(true)
              .allowMaskMismatch(false)
              .allowExtensions(false)
              .maxFramePayloadLength(maxFrameBytes)
              .closeOnProtocolViolation(false)
              .build();
      channel.pipeline().replace(DECODER, DECODER, new WebSocket13FrameDecoder(config));
    }
  }

  /** From now on nothing is decoded; the channel is closed when the client has been quiet. */
  static void insteadOfFrames(Channel channel) {
    Discard discard = new Discard();
    if (channel.pipeline().get(DECODER) == null) {
      channel.pipeline().addFirst(discard);
    } else {
      channel.pipeline().replace(DECODER, "linescribe-discard", discard);
    }
    channel.config().setAutoRead(true);
    channel
        .eventLoop()
        .schedule(() -> discard.closeWhenQuiet(channel), QUIET_MS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    received = true;
    ReferenceCountUtil.release(bytes);
  }

  private void closeWhenQuiet(Channel channel) {
    if (received) {
      received = false;
      channel.eventLoop().schedule(() -> closeWhenQuiet(channel), QUIET_MS, TimeUnit.MILLISECONDS);
    } else {
      channel.close();
    }
  }
}
