package org.linescribe.session.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.linescribe.asr.Recogniser;

/** The recognisers by provider name; the first is the default, their order is that of fail-over. */
final class Recognisers {
  private static final int MAX_MODEL_CHARACTERS = 128;

  private final Map<String, Recogniser> byProvider;
  private final Set<String> onRequest;

  /**
   * @param onRequest of these, who serves only where it is asked for by name
   */
  Recognisers(Map<String, Recogniser> byProvider, Set<String> onRequest) {
    if (byProvider.isEmpty()) {
      throw new IllegalArgumentException("recognisers: none (expected: at least one)");
    }
    byProvider.forEach((provider, recogniser) -> check(provider, recogniser.info().model()));
    this.byProvider = new LinkedHashMap<>(byProvider);
    this.onRequest = Set.copyOf(onRequest);
  }

  /** A longer name would fit into no segment's row, and only the first final would tell. */
  private static void check(String provider, String model) {
    if (model.length() > MAX_MODEL_CHARACTERS) {
      throw new IllegalArgumentException(
          "model of "
              + provider
              + ": a name of "
              + model.length()
              + " characters (expected: at most "
              + MAX_MODEL_CHARACTERS
              + ")");
    }
  }

  /**
   * Who may serve a request, the wanted one first. Empty when nobody speaks the language or the
   * provider does not exist.
   */
  List<Recogniser> candidates(Optional<String> provider, Optional<String> language) {
    if (provider.isPresent() && !byProvider.containsKey(provider.get())) {
      return List.of();
    }
    List<Recogniser> speaking = new ArrayList<>();
    byProvider.forEach(
        (name, recogniser) -> {
          if (language.isEmpty() || speaks(recogniser, language.get())) {
            if (provider.isPresent() && name.equals(provider.get())) {
              speaking.addFirst(recogniser);
            } else if (!onRequest.contains(name)) {
              speaking.addLast(recogniser);
            }
          }
        });
    return provider.isEmpty()
            || (!speaking.isEmpty() && speaking.getFirst() == byProvider.get(provider.get()))
        ? speaking
        : List.of();
  }

  private static boolean speaks(Recogniser recogniser, String language) {
    String spoken = recogniser.info().language();
    return spoken.isEmpty() || spoken.equals("mul") || primary(spoken).equals(primary(language));
  }

  private static String primary(String tag) {
    return tag.split("[-_]", 2)[0].toLowerCase(Locale.ROOT);
  }

  Recogniser first() {
    return byProvider.values().iterator().next();
  }
}
