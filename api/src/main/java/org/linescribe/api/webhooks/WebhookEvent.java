package org.linescribe.api.webhooks;

/** What receivers are told of. */
enum WebhookEvent {
  SESSION_STARTED("session.started"),
  SEGMENT_FINAL("segment.final"),
  SESSION_ENDED("session.ended");

  private final String wireName;

  WebhookEvent(String wireName) {
    this.wireName = wireName;
  }

  /** The member {@code type} of the message. */
  String wireName() {
    return wireName;
  }
}
