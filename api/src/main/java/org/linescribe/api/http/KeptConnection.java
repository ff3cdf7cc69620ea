package org.linescribe.api.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.LastHttpContent;
import reactor.netty.NettyPipeline;

/**
 * Reads on after every answer. Reactor Netty 1.3.7 does not where a client sends its next request
 * before the answer to the last one is finished, as one may that has it already, and that request
 * is answered at once: then nothing more is read from the connection, ever. One read too many is
 * harmless: what it brings waits, within the traffic handler's bound, for its turn.
 *
 * <p>Thread: the channel's event loop.
 *
 * <p>Source: reactor-netty issue 4361 and pull request 4347, mended in 1.3.8; to go with it.
 */
final class KeptConnection extends ChannelOutboundHandlerAdapter {
  private static final String NAME = "linescribe-kept-connection";

  private KeptConnection() {}

  /** Only for HTTP/1.1: of HTTP/2, a stream is not kept. */
  static void readOn(Channel channel) {
    if (channel.pipeline().get(NettyPipeline.HttpTrafficHandler) != null) {
      channel.pipeline().addAfter(NettyPipeline.HttpTrafficHandler, NAME, new KeptConnection());
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    boolean last = message instanceof LastHttpContent;
    context.write(message, promise);
    if (last) {
      // After the requests that wait already: the traffic handler works them in a task of its own.
      context.executor().execute(context::read);
    }
  }
}
