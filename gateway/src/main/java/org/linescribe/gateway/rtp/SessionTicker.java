package org.linescribe.gateway.rtp;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One timer for all sessions of an event loop: their silence goes out in one turn, where a timer
 * for each session would wake the loop for each packet that it sends.
 *
 * <p>Thread: the event loop.
 */
final class SessionTicker {
  static final int TICK_MS = 20;

  private final EventLoop loop;
  private final List<RtpSession> sessions = new ArrayList<>();
  private @Nullable ScheduledFuture<?> timer;

  SessionTicker(EventLoop loop) {
    this.loop = loop;
  }

  EventLoop loop() {
    return loop;
  }

  void add(RtpSession session) {
    sessions.add(session);
    if (timer == null) {
      timer = loop.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
    }
  }

  void remove(RtpSession session) {
    sessions.remove(session);
    if (sessions.isEmpty() && timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void tick() {
    // A session that fails in its tick is removed meanwhile.
    for (RtpSession session : List.copyOf(sessions)) {
      session.tick();
    }
  }
}
