package org.linescribe.api.websocket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.SendQueue;

/**
 * Writes a WebSocket client's messages while it reads: what it does not read waits in a bounded
 * queue, and the close comes after it. One close, whoever asks for a second.
 *
 * <p>Thread: {@link #outbox} may be used by any, followed by {@link #write}; the rest belongs to
 * the channel's event loop.
 */
final class SocketWriter extends ChannelDuplexHandler {
  /** Messages that must arrive and may wait for a client that reads slowly. */
  private static final int MAX_QUEUED_MESSAGES = 1024;

  private final SendQueue<String> outbox = new SendQueue<>(MAX_QUEUED_MESSAGES);
  private final Channel channel;
  private final Runnable whenRead;
  private @Nullable WebSocketClose closing;
  private boolean closeWritten;

  /**
   * @param whenRead called when the client has read so much that more can be written
   */
  SocketWriter(Channel channel, Runnable whenRead) {
    this.channel = channel;
    this.whenRead = whenRead;
  }

  SendQueue<String> outbox() {
    return outbox;
  }

  /** Writes what waits, as far as the client reads. Any thread. */
  void write() {
    if (channel.eventLoop().inEventLoop()) {
      drain();
    } else {
      channel.eventLoop().execute(this::drain);
    }
  }

  /** Writes the close when all queued messages are written. */
  void closeAfterQueued(WebSocketClose reason) {
    closing = reason;
    drain();
  }

  private void drain() {
    boolean written = false;
    while (!closeWritten && channel.isWritable()) {
      String next = outbox.poll();
      if (next == null) {
        break;
      }
      channel.write(new TextWebSocketFrame(next));
      written = true;
    }
    if (written) {
      channel.flush();
    }
    if (closing != null && !closeWritten && outbox.isEmpty()) {
      channel.writeAndFlush(new CloseWebSocketFrame(closing.code(), closing.reason()));
    }
  }

  /** Reactor Netty answers every close, the answer to ours included. RFC 6455 §5.5.1. */
  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof CloseWebSocketFrame close) {
      if (closeWritten) {
        close.release();
        promise.setSuccess();
        return;
      }
      closeWritten = true;
    }
    context.write(message, promise);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (channel.isWritable()) {
      whenRead.run();
    }
    drain();
    context.fireChannelWritabilityChanged();
  }
}
