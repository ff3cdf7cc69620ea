package org.linescribe.asr.providers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

class ProvidersTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  private final Scripted first = new Scripted("first");
  private final Scripted second = new Scripted("second");
  private final Providers providers =
      new Providers(List.of(first, second), Clock.fixed(NOW, ZoneOffset.UTC));
  private final List<String> heard = new ArrayList<>();

  @Test
  void keepsTheOrderOfFailOverAndRefusesNone() {
    assertThat(providers.first().info().provider()).isEqualTo("first");
    assertThat(providers.recognisers())
        .extracting(recogniser -> recogniser.info().provider())
        .containsExactly("first", "second");
    assertThat(providers.named("second")).isPresent();
    assertThat(providers.named("third")).isEmpty();
    assertThatThrownBy(() -> new Providers(List.of(), Clock.systemUTC()))
        .hasMessageContaining("none");
    assertThatThrownBy(() -> new Providers(List.of(first, first), Clock.systemUTC()))
        .hasMessageContaining("two of the name first");
  }

  @Test
  void isFailingFromAFailureToTheNextResult() {
    FedStream.open(providers.first(), StreamOptions.defaults(), listener());
    assertThat(state().health()).isEqualTo(Providers.Health.UP);

    first.listener().onFailure(new RecogniserException("gone"));

    assertThat(heard).containsExactly("failure gone");
    assertThat(state().health()).isEqualTo(Providers.Health.FAILING);
    assertThat(state().failures()).isEqualTo(1);
    assertThat(state().lastFailure()).contains("gone");
    assertThat(state().lastFailureAt()).contains(NOW);
    assertThat(providers.states().getLast().health()).isEqualTo(Providers.Health.UP);

    FedStream.open(providers.first(), StreamOptions.defaults(), listener());
    first.listener().onHypothesis(Hypothesis.empty(0));

    assertThat(state().health()).isEqualTo(Providers.Health.UP);
    assertThat(state().failures()).isEqualTo(1);
    assertThat(state().lastFailure()).contains("gone");
  }

  @Test
  void countsAStreamThatWasNotGivenAndSaturation() {
    first.refuses = true;
    assertThatThrownBy(
            () -> FedStream.open(providers.first(), StreamOptions.defaults(), listener()))
        .isInstanceOf(RecogniserException.class)
        .hasMessage("no space");
    assertThat(state().health()).isEqualTo(Providers.Health.FAILING);

    second.saturated = true;
    assertThat(providers.states().getLast().health()).isEqualTo(Providers.Health.SATURATED);
  }

  @Test
  void closesEveryRecogniserThoughOneCannotBeClosed() {
    first.failsToClose = true;

    assertThatThrownBy(providers::close).hasMessage("first cannot be closed");

    assertThat(second.closed).isTrue();
  }

  @Test
  void loadsANamedModelWhenItIsFirstAskedForAndOnce() {
    AtomicInteger loads = new AtomicInteger();
    Scripted loaded = new Scripted("third");
    NamedModel model =
        new NamedModel(
            new RecogniserInfo("third", "described", "en", 16_000),
            () -> {
              loads.incrementAndGet();
              return loaded;
            });
    try (Providers more = new Providers(List.of(first), List.of(model), Clock.systemUTC())) {
      assertThat(more.recognisers()).hasSize(1);
      assertThat(more.models()).containsKeys(first.info().model(), "described");
      assertThat(more.models().get("described").info().model()).isEqualTo("described");
      assertThat(loads).hasValue(0);

      FedStream.open(model, StreamOptions.defaults(), listener());
      FedStream.open(model, StreamOptions.defaults(), listener());

      assertThat(loads).hasValue(1);
      assertThat(model.info()).isEqualTo(loaded.info());
    }
    assertThat(loaded.closed).isTrue();
    assertThatThrownBy(() -> FedStream.open(model, StreamOptions.defaults(), listener()))
        .hasMessageContaining("closed");
  }

  @Test
  void theDefaultChangesForWhoeverBeginsAfterwards() {
    Scripted loaded = new Scripted("third");
    NamedModel model =
        new NamedModel(new RecogniserInfo("third", "described", "en", 16_000), () -> loaded);
    NamedModel broken =
        new NamedModel(
            new RecogniserInfo("third", "broken", "en", 16_000),
            () -> {
              throw new RecogniserException("as the test asked");
            });
    try (Providers more =
        new Providers(List.of(first), List.of(model, broken), Clock.systemUTC())) {
      Recogniser begun = more.first().pinned();

      more.makeDefault("described");

      assertThat(more.first().info().provider()).isEqualTo("first");
      assertThat(more.first().pinned()).isSameAs(more.models().get("described"));
      assertThat(begun).isSameAs(more.models().get(first.info().model()));
      FedStream.open(more.recognisers().getFirst(), StreamOptions.defaults(), listener());
      loaded.listener().onFailure(new RecogniserException("gone"));
      assertThat(more.states().getFirst().failures()).isEqualTo(1);
      assertThatThrownBy(() -> more.makeDefault("broken")).isInstanceOf(RecogniserException.class);
      assertThatThrownBy(() -> more.makeDefault("unknown"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(more.first().pinned()).isSameAs(more.models().get("described"));
    }
    assertThat(first.closed).isTrue();
    assertThat(loaded.closed).isTrue();
  }

  @Test
  void aModelOfAnotherProviderIsNoDefault() {
    Scripted cloud = new Scripted("cloud", "a model elsewhere");
    try (Providers both = new Providers(List.of(first, cloud), Clock.systemUTC())) {
      assertThatThrownBy(() -> both.makeDefault("a model elsewhere"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("first");
      assertThat(both.first().pinned()).isSameAs(both.models().get(first.info().model()));

      both.makeDefault(first.info().model());
    }
  }

  @Test
  void doesNotTryABrokenModelAgain() {
    AtomicInteger loads = new AtomicInteger();
    NamedModel model =
        new NamedModel(
            new RecogniserInfo("x", "broken", "en", 16_000),
            () -> {
              loads.incrementAndGet();
              throw new RecogniserException("tokens.txt: missing");
            });

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> FedStream.open(model, StreamOptions.defaults(), listener()))
          .hasMessage("tokens.txt: missing");
    }

    assertThat(loads).hasValue(1);
  }

  @Test
  void knowsWhoSpeaksALanguage() {
    RecogniserInfo english = new RecogniserInfo("x", "x", "en-US", 16_000);
    RecogniserInfo many = new RecogniserInfo("x", "x", "mul", 16_000);
    assertThat(english.speaks("en")).isTrue();
    assertThat(english.speaks("EN_gb")).isTrue();
    assertThat(english.speaks("de")).isFalse();
    assertThat(many.speaks("de")).isTrue();
    RecogniserInfo some =
        new RecogniserInfo("x", "x", "mul", Set.of("de", "fr"), Set.of("fr"), 16_000);
    assertThat(some.speaks("fr-CA")).isTrue();
    assertThat(some.speaks("xx")).isFalse();
    assertThat(some.detectsLanguage()).isTrue();
    assertThat(english.detectsLanguage()).isFalse();
  }

  @Test
  void knowsWhoCanBeHeldToALanguage() {
    RecogniserInfo english = new RecogniserInfo("x", "x", "en-US", 16_000);
    RecogniserInfo some =
        new RecogniserInfo("x", "x", "mul", Set.of("de", "fr"), Set.of("fr"), 16_000);
    RecogniserInfo all =
        new RecogniserInfo("x", "x", "mul", Set.of(), Set.of(RecogniserInfo.ANY), 16_000);
    assertThat(english.canBeHeldTo("en-GB")).isTrue();
    assertThat(english.canBeHeldTo("de")).isFalse();
    assertThat(some.canBeHeldTo("fr-CA")).isTrue();
    assertThat(some.canBeHeldTo("de")).isFalse();
    assertThat(all.canBeHeldTo("de")).isTrue();
    assertThat(new RecogniserInfo("x", "x", "und", 16_000).canBeHeldTo("en")).isFalse();
  }

  private Providers.State state() {
    return providers.states().getFirst();
  }

  private RecogniserListener listener() {
    return new RecogniserListener() {
      @Override
      public void onHypothesis(Hypothesis hypothesis) {
        heard.add("hypothesis");
      }

      @Override
      public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
        heard.add("endpoint");
      }

      @Override
      public void onFailure(RecogniserException failure) {
        heard.add("failure " + failure.getMessage());
      }
    };
  }

  private static final class Scripted implements Recogniser {
    private final String name;
    private @Nullable RecogniserListener listener;
    private boolean refuses;
    private boolean saturated;
    private final String model;
    private boolean failsToClose;
    private boolean closed;

    Scripted(String name) {
      this(name, "none");
    }

    Scripted(String name, String model) {
      this.name = name;
      this.model = model;
    }

    RecogniserListener listener() {
      return java.util.Objects.requireNonNull(listener);
    }

    @Override
    public RecogniserInfo info() {
      return new RecogniserInfo(name, model, "en", 16_000);
    }

    @Override
    public RecogniserLoad load() {
      return new RecogniserLoad(0, 0, saturated);
    }

    @Override
    public RecogniserStream open(LegReader audio, StreamOptions options, RecogniserListener told) {
      if (refuses) {
        throw new RecogniserException("no space");
      }
      listener = told;
      return new RecogniserStream() {
        @Override
        public CompletionStage<Void> flush() {
          return CompletableFuture.completedStage(null);
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void close() {
      closed = true;
      if (failsToClose) {
        throw new RecogniserException(name + " cannot be closed");
      }
    }
  }
}
