package org.linescribe.asr.providers;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserLoad;

/**
 * The recognisers of this node. The first is the default, their order is that of fail-over.
 *
 * <p>Thread: any. Owner of the recognisers: closing it closes them.
 */
public final class Providers implements AutoCloseable {
  /** How a provider does. */
  public enum Health {
    /** Nothing has failed, or it has told a result since. */
    UP,
    /** Its decoders are behind real time. */
    SATURATED,
    /** Something failed, and no result came since. */
    FAILING
  }

  /**
   * A provider's state.
   *
   * @param failures streams that failed or were not given, since the start
   * @param lastFailure what failed last, in words for an operator
   * @param lastFailureAt when
   */
  public record State(
      RecogniserInfo info,
      RecogniserLoad load,
      Health health,
      long failures,
      Optional<String> lastFailure,
      Optional<Instant> lastFailureAt) {}

  private final Map<String, Recogniser> byName = new LinkedHashMap<>();
  private final Map<String, WatchedRecogniser> models = new LinkedHashMap<>();
  private final List<Supplier<State>> states = new ArrayList<>();
  private final SwitchedRecogniser first;

  /**
   * @param inOrder at least one, each with a provider name of its own
   */
  public Providers(List<? extends Recogniser> inOrder, Clock clock) {
    this(inOrder, List.of(), clock);
  }

  /**
   * @param inOrder at least one, each with a provider name of its own
   * @param more models that sessions may ask for beside those of the providers
   */
  public Providers(List<? extends Recogniser> inOrder, List<NamedModel> more, Clock clock) {
    if (inOrder.isEmpty()) {
      throw new IllegalArgumentException("providers: none (expected: at least one)");
    }
    List<WatchedRecogniser> watched =
        inOrder.stream().map(recogniser -> new WatchedRecogniser(recogniser, clock)).toList();
    first = new SwitchedRecogniser(watched.getFirst());
    for (WatchedRecogniser recogniser : watched) {
      String name = recogniser.info().provider();
      boolean isFirst = byName.isEmpty();
      if (byName.put(name, isFirst ? first : recogniser) != null) {
        throw new IllegalArgumentException("providers: two of the name " + name);
      }
      states.add(isFirst ? first::state : recogniser::state);
      models.putIfAbsent(recogniser.info().model(), recogniser);
    }
    more.forEach(
        model -> models.putIfAbsent(model.info().model(), new WatchedRecogniser(model, clock)));
  }

  /**
   * Makes a model that sessions may ask for the default of those that begin from now on. Blocks
   * while it is loaded. A model of another provider cannot be it: the first provider's name would
   * send audio elsewhere then, and fail-over would find one provider twice.
   *
   * @throws IllegalArgumentException when there is no such model here
   * @throws RecogniserException when it cannot be loaded; the default stays
   */
  public void makeDefault(String model) {
    WatchedRecogniser chosen = models.get(model);
    boolean isAnothers = byName.values().stream().skip(1).anyMatch(other -> other == chosen);
    if (chosen == null || isAnothers) {
      throw new IllegalArgumentException(
          "model: %s (expected: one that this node serves by the provider %s)"
              .formatted(model, first.info().provider()));
    }
    chosen.prepare(chosen.info().language());
    first.switchTo(chosen);
  }

  /** The default's model by the settings, whichever is chosen since. */
  public String configuredModel() {
    return first.configured().info().model();
  }

  /** The recognisers, watched, in the order of fail-over. */
  public List<Recogniser> recognisers() {
    return List.copyOf(byName.values());
  }

  /** The default; its model may change. */
  public Recogniser first() {
    return first;
  }

  public Optional<Recogniser> named(String provider) {
    return Optional.ofNullable(byName.get(provider));
  }

  /** The models by their names, those of the providers first. */
  public Map<String, Recogniser> models() {
    return Collections.unmodifiableMap(models);
  }

  public List<State> states() {
    return states.stream().map(Supplier::get).toList();
  }

  /** Closes all of them, whatever one of them throws; the first failure is thrown at the end. */
  @Override
  public void close() {
    List<RuntimeException> failures = new ArrayList<>();
    Set<Recogniser> all = new LinkedHashSet<>(byName.values());
    all.addAll(models.values());
    // The first provider's own, which closes with it.
    all.remove(first.configured());
    for (Recogniser recogniser : all) {
      try {
        recogniser.close();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.removeFirst();
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }
}
