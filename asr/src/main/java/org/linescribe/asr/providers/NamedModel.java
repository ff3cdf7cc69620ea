package org.linescribe.asr.providers;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

/**
 * A model that sessions may ask for by its name. It is loaded when the first one does, and stays
 * loaded; one that cannot be loaded is not tried again.
 *
 * <p>Thread: any; the first {@link #open} or {@link #prepare} blocks while the model is loaded.
 */
public final class NamedModel implements Recogniser {
  private final RecogniserInfo described;
  private final boolean takesHotwords;
  private final Supplier<Recogniser> loader;
  private volatile @Nullable Recogniser loaded;
  private @Nullable RecogniserException failure;
  private boolean closed;

  /**
   * @param described what is known of the model before it is loaded
   * @param loader opens it; what it returns is closed with this
   */
  public NamedModel(RecogniserInfo described, Supplier<Recogniser> loader) {
    this(described, false, loader);
  }

  /**
   * @param described what is known of the model before it is loaded, as {@code takesHotwords}
   * @param loader opens it; what it returns is closed with this
   */
  public NamedModel(RecogniserInfo described, boolean takesHotwords, Supplier<Recogniser> loader) {
    this.described = described;
    this.takesHotwords = takesHotwords;
    this.loader = loader;
  }

  @Override
  public RecogniserInfo info() {
    Recogniser open = loaded;
    return open == null ? described : open.info();
  }

  @Override
  public RecogniserLoad load() {
    Recogniser open = loaded;
    return open == null ? new RecogniserLoad(0, 0, false) : open.load();
  }

  @Override
  public boolean takesHotwords() {
    Recogniser open = loaded;
    return open == null ? takesHotwords : open.takesHotwords();
  }

  /** Loads the model, as {@link #open} does. */
  @Override
  public boolean prepare(String languageTag) {
    return recogniser().prepare(languageTag);
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    return recogniser().open(audio, options, listener);
  }

  private synchronized Recogniser recogniser() {
    try {
      if (closed) {
        throw new RecogniserException("model " + described.model() + " is closed");
      }
      if (failure != null) {
        throw failure;
      }
      Recogniser open = loaded;
      if (open == null) {
        open = loader.get();
        loaded = open;
      }
      return open;
    } catch (RecogniserException unusable) {
      failure = unusable;
      throw unusable;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (loaded != null) {
      loaded.close();
    }
  }
}
