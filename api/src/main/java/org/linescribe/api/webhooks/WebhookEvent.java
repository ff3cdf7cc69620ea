package org.linescribe.api.webhooks;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.Optional;

/** What receivers are told of. */
enum WebhookEvent {
  SESSION_STARTED("session.started"),
  SEGMENT_FINAL("segment.final"),
  SESSION_ENDED("session.ended"),
  CALL_ENDED("call.ended"),
  QUALITY_ALERT("quality.alert"),
  RECORDING_READY("recording.ready");

  private final String wireName;

  /** As an error message lists them. */
  static String names() {
    return Arrays.stream(values()).map(WebhookEvent::wireName).collect(joining(", "));
  }

  static boolean isName(String text) {
    return of(text).isPresent();
  }

  static Optional<WebhookEvent> of(String wireName) {
    return Arrays.stream(values()).filter(event -> event.wireName.equals(wireName)).findFirst();
  }

  WebhookEvent(String wireName) {
    this.wireName = wireName;
  }

  /** The member {@code type} of the message. */
  String wireName() {
    return wireName;
  }
}
