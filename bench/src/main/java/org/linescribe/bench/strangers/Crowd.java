package org.linescribe.bench.strangers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Strangers at addresses of their own, 127.0.1.1 and on.
 *
 * <p>Thread: one sends, one for each reads.
 */
final class Crowd implements AutoCloseable {
  private final List<SipStranger> strangers = new ArrayList<>();
  private final AtomicLong answered = new AtomicLong();
  private volatile boolean closed;

  /** What one of them does. */
  interface Act {
    void by(SipStranger stranger) throws IOException;
  }

  Crowd(int addresses, InetSocketAddress gateway) throws IOException {
    for (int i = 1; i <= addresses; i++) {
      strangers.add(new SipStranger("127.0.1." + i, gateway));
    }
  }

  /** The n-th of them, in turn, does something. */
  void use(int number, Act act) throws IOException {
    act.by(strangers.get(number % strangers.size()));
  }

  void sendFrom(int number, Function<SipStranger, String> message) throws IOException {
    use(number, stranger -> stranger.send(message.apply(stranger)));
  }

  /** Counts the final responses from now on, and acknowledges none. */
  void readAnswers() {
    for (SipStranger stranger : strangers) {
      Thread.ofPlatform().daemon().start(() -> read(stranger));
    }
  }

  private void read(SipStranger stranger) {
    try {
      while (!closed) {
        Optional<String> message = stranger.receive(1000);
        if (message.isPresent() && message.get().matches("(?s)SIP/2\\.0 [2-6].*")) {
          answered.incrementAndGet();
        }
      }
    } catch (IOException gone) {
      // Closed while it waited.
      return;
    }
  }

  /** How many final responses came. */
  long answered() {
    return answered.get();
  }

  @Override
  public void close() {
    closed = true;
    strangers.forEach(SipStranger::close);
  }
}
