package org.linescribe.asr.google;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Keys {@code linescribe.providers.google.*}.
 *
 * @param enabled {@code enabled}: whether this node offers the provider
 * @param endpoint {@code endpoint}: HOST:PORT, empty for Google's
 * @param plaintext {@code plaintext}: no TLS and no credentials, for a test server
 * @param credentials {@code credentials}: a service account's JSON file; empty for the
 *     environment's own (GOOGLE_APPLICATION_CREDENTIALS, the machine's account)
 * @param language {@code language}: BCP 47 tag of what is spoken where nobody says
 * @param alternatives {@code alternatives}: up to three more tags, comma between, among which
 *     Google finds the language where nobody says
 * @param model {@code model}: one of Google's names, "phone_call"; empty for its default
 * @param rollover {@code rollover}: a call to Google is replaced at the next pause after this long,
 *     10 s..290 s, default 240 s; Google ends one after five minutes
 * @param answerWithin {@code answer-within}: how long Google may take for the rest of an ended
 *     call, 1 s..60 s, default 4 s
 * @param queueBound {@code queue-bound}: audio that waits for the network before a stream refuses
 *     more, 1..300 s, default 10 s
 */
public record GoogleSettings(
    boolean enabled,
    String endpoint,
    boolean plaintext,
    String credentials,
    String language,
    String alternatives,
    String model,
    Duration rollover,
    Duration answerWithin,
    Duration queueBound) {
  private static final String PREFIX = "linescribe.providers.google.";

  public GoogleSettings {
    if (language.isBlank()) {
      throw new IllegalArgumentException(PREFIX + "language: '' (expected: a tag like en-US)");
    }
    if (plaintext && endpoint.isBlank()) {
      throw new IllegalArgumentException(
          PREFIX + "plaintext: true (expected: false without an endpoint)");
    }
    if (tags(alternatives).size() > 3) {
      throw new IllegalArgumentException(
          PREFIX + "alternatives: '" + alternatives + "' (expected: at most 3 tags)");
    }
    range("rollover", rollover, 10, 290);
    range("answer-within", answerWithin, 1, 60);
    range("queue-bound", queueBound, 1, 300);
  }

  /** A server on this machine that speaks the same protocol. */
  public static GoogleSettings plaintext(String endpoint) {
    return new GoogleSettings(
        true,
        endpoint,
        true,
        "",
        "en-US",
        "",
        "",
        Duration.ofSeconds(240),
        Duration.ofSeconds(4),
        Duration.ofSeconds(10));
  }

  GoogleSettings withTimes(Duration newRollover, Duration newAnswerWithin) {
    return new GoogleSettings(
        enabled,
        endpoint,
        plaintext,
        credentials,
        language,
        alternatives,
        model,
        newRollover,
        newAnswerWithin,
        queueBound);
  }

  /** What Google is told for a tag of a client: it wants a region, "en" is "en-US". */
  String spoken(Optional<String> tag) {
    if (tag.isEmpty()) {
      return language;
    }
    return tag.get().contains("-")
        ? tag.get()
        : Stream.concat(Stream.of(language), tags(alternatives).stream())
            .filter(known -> primary(known).equals(primary(tag.get())))
            .findFirst()
            .orElse(tag.get());
  }

  List<String> alternativeTags() {
    return tags(alternatives);
  }

  private static List<String> tags(String list) {
    return Stream.of(list.split(",")).map(String::strip).filter(tag -> !tag.isEmpty()).toList();
  }

  private static String primary(String tag) {
    return tag.split("-", 2)[0].toLowerCase(Locale.ROOT);
  }

  private static void range(String key, Duration value, long lowest, long highest) {
    if (value.compareTo(Duration.ofSeconds(lowest)) < 0
        || value.compareTo(Duration.ofSeconds(highest)) > 0) {
      throw new IllegalArgumentException(
          PREFIX
              + key
              + ": "
              + value.toMillis()
              + " ms (expected: "
              + lowest
              + ".."
              + highest
              + " s)");
    }
  }
}
