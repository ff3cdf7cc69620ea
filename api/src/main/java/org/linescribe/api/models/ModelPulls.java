package org.linescribe.api.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.ModelException;
import org.linescribe.asr.catalogue.ModelPuller;
import org.linescribe.asr.catalogue.ModelStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * Downloads models of the catalogue, one at a time: a second one would share the line with the
 * first, and both the disk with the calls.
 *
 * <p>Thread: any; a download has a virtual thread of its own.
 */
final class ModelPulls {
  private static final Logger LOG = LoggerFactory.getLogger(ModelPulls.class);

  /** Progress is told after so many bytes more. */
  private static final long STEP_BYTES = 1 << 18;

  private final Pulling puller;
  private final ModelPullSettings settings;
  private final ReentrantLock one = new ReentrantLock();
  private final Map<String, Pull> pulls = new ConcurrentHashMap<>();
  private volatile String running = "";

  /** Downloads and installs a model; {@link ModelPuller} does. */
  @FunctionalInterface
  interface Pulling {
    void pull(ModelDescription model, ModelPuller.Trust trust, ModelPuller.Progress progress)
        throws IOException;
  }

  /** Where a download is. */
  enum State {
    DOWNLOADING,
    /** All is there; it is checked and unpacked. */
    INSTALLING,
    DONE,
    FAILED;

    @JsonValue
    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }

    boolean isLast() {
      return this == DONE || this == FAILED;
    }
  }

  /**
   * How far a download is.
   *
   * @param totalBytes absent while nobody has said
   * @param error why it failed
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Progress(State state, long bytes, @Nullable Long totalBytes, @Nullable String error) {}

  /** One download; whoever comes later hears the newest progress first. */
  private static final class Pull {
    private final Sinks.Many<Progress> told = Sinks.many().replay().latest();
    private volatile Progress newest = new Progress(State.DOWNLOADING, 0, null, null);

    void tell(Progress progress) {
      newest = progress;
      told.tryEmitNext(progress);
      if (progress.state().isLast()) {
        told.tryEmitComplete();
      }
    }
  }

  ModelPulls(Path data, ModelPullSettings settings) {
    this(new ModelPuller(new ModelStore(data))::pull, settings);
  }

  ModelPulls(Pulling puller, ModelPullSettings settings) {
    this.puller = puller;
    this.settings = settings;
  }

  /** The newest download of a model since the start. */
  Optional<Progress> newest(String name) {
    return Optional.ofNullable(pulls.get(name)).map(pull -> pull.newest);
  }

  /** Its progress from now on, to its end; empty where there was none since the start. */
  Optional<Flux<Progress>> progress(String name) {
    return Optional.ofNullable(pulls.get(name)).map(pull -> pull.told.asFlux());
  }

  /** Begins a download. */
  void begin(ModelDescription model, ModelPuller.Trust trust) {
    Pull pull = new Pull();
    one.lock();
    try {
      if (!running.isEmpty()) {
        throw RefusedRequestException.conflict("Another model is being pulled: " + running);
      }
      running = model.name();
      pulls.put(model.name(), pull);
    } finally {
      one.unlock();
    }
    pull.tell(pull.newest);
    Thread.ofVirtual()
        .name("linescribe-pull-" + model.name())
        .start(() -> pull(mirrored(model), trust, pull));
  }

  private void pull(ModelDescription model, ModelPuller.Trust trust, Pull pull) {
    Progress end;
    try {
      puller.pull(model, trust, (bytes, total) -> at(pull, bytes, total));
      LOG.info("The model {} was pulled", model.name());
      end = new Progress(State.DONE, pull.newest.bytes(), pull.newest.totalBytes(), null);
    } catch (IOException | RuntimeException | Error failed) {
      // An error too: the next download must be let in, and who waits for this one must hear of it.
      LOG.warn("The model {} could not be pulled: {}", model.name(), failed.toString());
      end =
          new Progress(
              State.FAILED,
              pull.newest.bytes(),
              pull.newest.totalBytes(),
              failed instanceof ModelException
                  ? failed.getMessage()
                  : "the download failed: " + failed.getMessage());
    }
    running = "";
    pull.tell(end);
  }

  private static void at(Pull pull, long bytes, long total) {
    boolean all = total >= 0 && bytes >= total;
    if (all || bytes - pull.newest.bytes() >= STEP_BYTES) {
      pull.tell(
          new Progress(
              all ? State.INSTALLING : State.DOWNLOADING,
              bytes,
              total < 0 ? null : (Long) total,
              null));
    }
  }

  private ModelDescription mirrored(ModelDescription model) {
    return settings.mirror().isEmpty()
        ? model
        : model.from(URI.create(settings.mirror() + model.name() + ".tar.bz2"));
  }
}
