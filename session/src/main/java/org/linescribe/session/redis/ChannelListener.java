package org.linescribe.session.redis;

/** Hears a channel. Thread: Redis's event loop; must not block. */
public interface ChannelListener {
  void onMessage(String message);

  /** The channel is heard from now on; what was said before, or during a cut, was missed. */
  void onSubscribed();
}
