package org.linescribe.api.websocket;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.ApiSettings;

/**
 * Pings a WebSocket peer, and finds it dead when it gave no sign of life for {@link
 * ApiSettings#deadAfter}. A sign is whatever comes from it, and that it reads what is sent: not
 * that something could be written, which also succeeds towards a peer whose network is gone.
 *
 * <p>Thread: the channel's event loop.
 */
final class KeepAlive {
  private final Channel channel;
  private final ApiSettings settings;
  private final Runnable whenDead;
  private final LongSupplier clockNs;
  private @Nullable ScheduledFuture<?> beats;
  private boolean paused;
  private long lastSignNs;

  /**
   * @param whenDead may be called again until {@link #stop}
   */
  KeepAlive(Channel channel, ApiSettings settings, Runnable whenDead, LongSupplier clockNs) {
    this.channel = channel;
    this.settings = settings;
    this.whenDead = whenDead;
    this.clockNs = clockNs;
  }

  void start() {
    sign();
    long everyNs = settings.keepAlive().toNanos();
    beats =
        channel.eventLoop().scheduleAtFixedRate(this::beat, everyNs, everyNs, TimeUnit.NANOSECONDS);
  }

  /** The peer lives. */
  void sign() {
    lastSignNs = clockNs.getAsLong();
  }

  /** Nothing is read from the peer any more, so that its silence means nothing. */
  void pause() {
    paused = true;
  }

  /** The peer is read again, and has the full time for its next sign. */
  void resume() {
    paused = false;
    sign();
  }

  /** Idempotent. */
  void stop() {
    if (beats != null) {
      beats.cancel(false);
    }
  }

  private void beat() {
    if (!paused && clockNs.getAsLong() - lastSignNs > settings.deadAfter().toNanos()) {
      whenDead.run();
    } else if (channel.isWritable()) {
      channel.writeAndFlush(new PingWebSocketFrame());
    }
  }
}
