package org.linescribe.session.redis;

/** Receives a channel's messages. Thread: Redis's event loop; must not block. */
public interface ChannelListener {
  void onMessage(String message);

  /** The subscription is active; messages before it, or during a disconnection, were missed. */
  void onSubscribed();
}
