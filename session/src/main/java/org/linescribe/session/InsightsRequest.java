package org.linescribe.session;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The insights that are to be derived from a session's transcript when its call has ended. It is
 * kept as an attribute of the session, so that whoever reads them later knows that they are due.
 */
public record InsightsRequest(Set<Kind> kinds) {
  /** What can be derived. */
  public enum Kind {
    TRANSLATION,
    ENTITIES,
    CLASSIFICATION,
    QA,
    SUMMARY;

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is written for a request, in words. */
  public static final String EXPECTED =
      "true, false, or some of "
          + Arrays.stream(Kind.values()).map(Kind::word).collect(Collectors.joining(", "));

  /** The attribute of a session that has one. */
  public static final String ATTRIBUTE = "route_insights";

  public static final InsightsRequest NONE = new InsightsRequest(Set.of());

  public InsightsRequest {
    kinds = Set.copyOf(kinds);
  }

  /**
   * @param words {@code true} for all but the translation, which not each provider has; {@code
   *     false} for none; or names of kinds
   * @throws IllegalArgumentException when a word is none of these
   */
  public static InsightsRequest of(Collection<String> words) {
    EnumSet<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (String word : words) {
      switch (word.strip()) {
        case "true" -> kinds.addAll(EnumSet.complementOf(EnumSet.of(Kind.TRANSLATION)));
        case "false" -> {
          // Asks for nothing.
        }
        default -> kinds.add(kind(word.strip()));
      }
    }
    return new InsightsRequest(kinds);
  }

  private static Kind kind(String word) {
    return Arrays.stream(Kind.values())
        .filter(kind -> kind.word().equals(word))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("'" + word + "' (expected: " + EXPECTED + ")"));
  }

  /** What a session's attributes ask for. */
  public static InsightsRequest of(Map<String, String> attributes) {
    try {
      return of(List.of(attributes.getOrDefault(ATTRIBUTE, "false").split(",")));
    } catch (IllegalArgumentException unknown) {
      return NONE;
    }
  }

  public boolean isEmpty() {
    return kinds.isEmpty();
  }

  /** As the attribute has it: names of kinds, separated by commas; empty for none. */
  @Override
  public String toString() {
    return kinds.stream().sorted().map(Kind::word).collect(Collectors.joining(","));
  }
}
