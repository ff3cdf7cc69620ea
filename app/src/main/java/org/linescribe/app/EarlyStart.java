package org.linescribe.app;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.providers.Providers;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.SqlStoreSettings;
import org.springframework.boot.context.event.ApplicationContextInitializedEvent;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * What a start needs and Spring does not: checked settings, the database and the models, on threads
 * of their own while Spring reads its configuration. Nothing is made before every setting has been
 * read. The context's beans wait for each result and throw what it threw; a start that fails closes
 * what no bean has taken.
 *
 * <p>Good for one start. Thread: the one that starts the application.
 */
final class EarlyStart implements ApplicationListener<SpringApplicationEvent> {
  private static final Clock CLOCK = Clock.systemUTC();

  private final StartResult<Settings> settings = new StartResult<>();
  private final StartResult<SegmentStore> store = new StartResult<>();
  private final StartResult<Providers> providers = new StartResult<>();

  /** The context's, which is made after the models are loaded. */
  private final CompletableFuture<MeterRegistry> meters = new CompletableFuture<>();

  private boolean begun;

  /** One result; whoever asks waits. */
  private static final class StartResult<T> {
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final AtomicBoolean taken = new AtomicBoolean();

    /** Completes it with what is made, or with what is thrown. */
    void make(Supplier<T> maker) {
      try {
        result.complete(maker.get());
      } catch (RuntimeException | Error failed) {
        result.completeExceptionally(failed);
      }
    }

    T await() {
      try {
        return result.join();
      } catch (CompletionException failed) {
        switch (failed.getCause()) {
          case RuntimeException told -> throw told;
          case Error told -> throw told;
          case null, default -> throw failed;
        }
      }
    }

    /** What was made, unless it was taken; waits, as a half made database would be left. */
    @Nullable T untaken() {
      return taken.get() ? null : result.exceptionally(_ -> null).join();
    }
  }

  @Override
  public void onApplicationEvent(SpringApplicationEvent event) {
    switch (event) {
      case ApplicationEnvironmentPreparedEvent prepared -> begin(prepared.getEnvironment());
      case ApplicationContextInitializedEvent initialised ->
          initialised
              .getApplicationContext()
              .getBeanFactory()
              .registerSingleton("earlyStart", this);
      case ApplicationFailedEvent _ -> close();
      default -> {
        // The rest is Spring's.
      }
    }
  }

  private void begin(ConfigurableEnvironment environment) {
    begun = true;
    onThread(
        "linescribe-start-models",
        () -> providers.make(() -> ConfiguredProviders.open(settings(), meters::join, CLOCK)));
    onThread(
        "linescribe-start-store",
        () -> {
          settings.make(() -> checked(environment));
          store.make(() -> open(settings()));
        });
  }

  private static void onThread(String name, Runnable work) {
    Thread.ofPlatform().daemon().name(name).start(work);
  }

  private static Settings checked(ConfigurableEnvironment environment) {
    Settings settings = new Settings(environment);
    settings.checkAll();
    return settings;
  }

  private static SegmentStore open(Settings settings) {
    boolean embedded = settings.optionalText("linescribe.mysql.url").isEmpty();
    try {
      return embedded
          ? SqlSegmentStore.embedded(SessionStores.embeddedDirectory(settings.dataDirectory()))
          : SqlSegmentStore.connect(settings.bind(SqlStoreSettings.class));
    } catch (IllegalStateException e) {
      throw new StartException((embedded ? "linescribe.data: " : "") + e.getMessage(), e);
    }
  }

  /**
   * @throws StartException that names a setting which is unknown or wrong
   */
  Settings settings() {
    return settings.await();
  }

  /** The database, which is closed where the start fails until {@link #storeTaken}. */
  SegmentStore store() {
    return store.await();
  }

  /** From now on the caller closes the database. */
  void storeTaken() {
    store.taken.set(true);
  }

  /**
   * The recognisers; the caller closes them.
   *
   * @param registry of their meters
   */
  Providers providers(MeterRegistry registry) {
    meters.complete(registry);
    providers.taken.set(true);
    return providers.await();
  }

  private void close() {
    if (!begun) {
      return;
    }
    // Nobody will ask for the models: whoever makes them ends here, before it starts a worker.
    meters.completeExceptionally(new CancellationException("the start has failed"));
    SegmentStore opened = store.untaken();
    if (opened != null) {
      opened.close();
    }
    Providers loaded = providers.untaken();
    if (loaded != null) {
      loaded.close();
    }
  }
}
