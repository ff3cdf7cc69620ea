package org.linescribe.api.webhooks;

import java.util.function.Function;

/**
 * What the deliveries of one receiver share.
 *
 * @param firstAttempts of messages that it does not take
 * @param finish forgets a session of which nothing is due
 * @param pause waits before a store that failed is asked again; false when the application stops
 */
record DeliveryTarget(
    WebhookSender sender,
    DeliveryCursors cursors,
    FirstAttempts firstAttempts,
    EventSpool spool,
    DeadLetters deadLetters,
    Function<SessionDelivery, SessionDelivery.Next> finish,
    Pause pause) {

  /** Waits. */
  @FunctionalInterface
  interface Pause {
    boolean await() throws InterruptedException;
  }
}
