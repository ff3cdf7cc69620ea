package org.linescribe.session.leg;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hotwords;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The recognisers by provider name; the first is the default, their order is that of fail-over. */
public final class Recognisers {
  private static final Logger LOG = LoggerFactory.getLogger(Recognisers.class);
  private static final int MAX_MODEL_CHARACTERS = Segment.MAX_MODEL_CHARACTERS;

  private final Map<String, Recogniser> byProvider;
  private final Set<String> onRequest;
  private final Map<String, Recogniser> models;

  /**
   * @param onRequest providers that serve only requests that name them
   * @param models what a request may name as its model
   */
  public Recognisers(
      Map<String, Recogniser> byProvider, Set<String> onRequest, Map<String, Recogniser> models) {
    if (byProvider.isEmpty()) {
      throw new IllegalArgumentException("recognisers: none (expected: at least one)");
    }
    byProvider.forEach((provider, recogniser) -> check(provider, recogniser.info().model()));
    this.byProvider = new LinkedHashMap<>(byProvider);
    this.onRequest = Set.copyOf(onRequest);
    models.forEach((name, recogniser) -> check(name, recogniser.info().model()));
    this.models = Collections.unmodifiableMap(new LinkedHashMap<>(models));
  }

  /** A longer name does not fit the segments table, which only the first final would show. */
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
   * Who serves a request.
   *
   * @param candidates at least one, the wanted one first, then those to fail over to
   * @param language what they are told is spoken
   * @param hotwords what they are told to expect
   * @param unserved what was asked for and is left to the default, in words for the client
   * @param isInLanguage whether the first of them writes in the language, known once it is {@link
   *     #prepared}
   */
  public record Choice(
      List<Recogniser> candidates,
      Optional<String> language,
      Hotwords hotwords,
      List<String> unserved,
      boolean isInLanguage) {
    public Choice {
      candidates = List.copyOf(candidates);
      unserved = List.copyOf(unserved);
    }

    /**
     * With the first of them made ready for the language: what cannot be told it finds out what is
     * spoken, and the client hears of that. Blocks while a model is loaded for the language.
     */
    public Choice prepared() {
      if (language.isEmpty()) {
        return this;
      }
      boolean isHeld = false;
      try {
        isHeld = candidates.getFirst().prepare(language.get());
      } catch (RecogniserException unusable) {
        LOG.warn("{}: {}", candidates.getFirst().info().model(), unusable.getMessage());
      }
      List<String> words = new ArrayList<>(unserved);
      if (!isHeld) {
        words.add(
            "language: "
                + language.get()
                + " could not be told to model "
                + candidates.getFirst().info().model());
      }
      return new Choice(candidates, language, hotwords, words, isHeld);
    }
  }

  /**
   * The only place where a name of a model, a provider or a language becomes a recogniser. A model
   * that is named is never replaced by another one that speaks the language; a provider is, where
   * the request may be left to the default.
   *
   * @throws IllegalArgumentException when the request names what is not served and may not be left
   *     to the default; the message names the parameter and what is expected
   */
  public Choice choose(RecognitionRequest request) {
    List<String> unserved = new ArrayList<>();
    Optional<String> language = request.language();
    Recogniser wanted = null;
    if (request.model().isPresent()) {
      wanted = models.get(request.model().get());
      if (wanted == null) {
        leave(request, unserved, "model: expected " + oneOf(models.keySet()));
      } else if (language.isPresent() && !wanted.info().speaks(language.get())) {
        leave(
            request,
            unserved,
            "language: not one of model "
                + wanted.info().model()
                + " (expected: "
                + String.join(", ", spoken(wanted.info()))
                + ")");
        language = Optional.empty();
      }
    }
    if (wanted == null && request.provider().isPresent()) {
      wanted = pinned(request.provider().get());
      // A provider is the operator's preference rather than the client's: nobody is told.
      if (wanted == null) {
        leave(request, new ArrayList<>(), "provider: expected " + oneOf(byProvider.keySet()));
      } else if (language.isPresent() && !wanted.info().speaks(language.get())) {
        leave(
            request,
            new ArrayList<>(),
            "language: not one of provider " + request.provider().get());
        wanted = null;
      }
    }
    List<Recogniser> candidates = candidates(wanted, language);
    if (candidates.isEmpty()) {
      leave(request, unserved, "language: expected one of " + spoken());
      language = Optional.empty();
      candidates = candidates(request.provider().map(this::pinned).orElse(null), Optional.empty());
    }
    Hotwords hotwords = hotwords(request, candidates.getFirst(), unserved);
    return new Choice(candidates, language, hotwords, unserved, false);
  }

  private static Hotwords hotwords(
      RecognitionRequest request, Recogniser first, List<String> unserved) {
    if (request.hotwords().isEmpty()) {
      return Hotwords.NONE;
    }
    try {
      Hotwords hotwords = new Hotwords(request.hotwords());
      if (first.takesHotwords() || hotwords.isEmpty()) {
        return hotwords;
      }
      leave(request, unserved, "hotwords: not taken by model " + first.info().model());
    } catch (IllegalArgumentException wrong) {
      leave(request, unserved, String.valueOf(wrong.getMessage()));
    }
    return Hotwords.NONE;
  }

  private static void leave(RecognitionRequest request, List<String> unserved, String words) {
    if (!request.orDefault()) {
      throw new IllegalArgumentException(words);
    }
    unserved.add(words);
  }

  private List<Recogniser> candidates(@Nullable Recogniser wanted, Optional<String> language) {
    Set<Recogniser> speaking = new LinkedHashSet<>();
    if (wanted != null) {
      speaking.add(wanted);
    }
    byProvider.forEach(
        (name, recogniser) -> {
          Recogniser pinned = recogniser.pinned();
          if (!onRequest.contains(name)
              && (language.isEmpty() || pinned.info().speaks(language.get()))) {
            speaking.add(pinned);
          }
        });
    return List.copyOf(speaking);
  }

  private @Nullable Recogniser pinned(String provider) {
    Recogniser recogniser = byProvider.get(provider);
    return recogniser == null ? null : recogniser.pinned();
  }

  private static String oneOf(Set<String> names) {
    return names.isEmpty() ? "none" : "one of " + String.join(", ", names);
  }

  private String spoken() {
    return byProvider.values().stream()
        .flatMap(recogniser -> spoken(recogniser.info()).stream())
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static Collection<String> spoken(RecogniserInfo info) {
    return info.languages().isEmpty() ? Set.of(info.language()) : new TreeSet<>(info.languages());
  }

  /** Names of the models that a request may name. */
  public Set<String> models() {
    return models.keySet();
  }

  public Recogniser first() {
    return byProvider.values().iterator().next();
  }
}
