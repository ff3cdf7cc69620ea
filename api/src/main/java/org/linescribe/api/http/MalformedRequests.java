package org.linescribe.api.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import reactor.netty.NettyPipeline;

/**
 * Takes the client's bytes out of a decoding failure before Reactor Netty logs it: Netty quotes the
 * malformed line in the exception, with control characters and with a key that may be in it.
 * Reactor Netty still answers 400, 414 or 431.
 *
 * <p>Thread: the channel's event loop.
 */
final class MalformedRequests extends ChannelInboundHandlerAdapter {
  private MalformedRequests() {}

  /** Only for HTTP/1.1: of HTTP/2, frames are binary and are not quoted. */
  static void hideIn(Channel channel) {
    if (channel.pipeline().get(NettyPipeline.HttpTrafficHandler) != null) {
      channel
          .pipeline()
          .addBefore(
              NettyPipeline.HttpTrafficHandler,
              "linescribe-malformed-requests",
              new MalformedRequests());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpObject http && http.decoderResult().isFailure()) {
      http.setDecoderResult(DecoderResult.failure(withoutText(http.decoderResult().cause())));
    }
    context.fireChannelRead(message);
  }

  private static Throwable withoutText(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException _ -> new TooLongHttpLineException("request line too long");
      case TooLongHttpHeaderException _ -> new TooLongHttpHeaderException("headers too long");
      default -> new IllegalArgumentException("malformed HTTP");
    };
  }
}
