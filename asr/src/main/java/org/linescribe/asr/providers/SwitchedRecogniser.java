package org.linescribe.asr.providers;

import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

/**
 * The first provider, whose model an operator may change while it runs. Streams that are open keep
 * theirs.
 *
 * <p>Thread: any.
 */
final class SwitchedRecogniser implements Recogniser {
  private final WatchedRecogniser configured;
  private volatile WatchedRecogniser current;

  /**
   * @param configured what it is until another is chosen; closed with this
   */
  SwitchedRecogniser(WatchedRecogniser configured) {
    this.configured = configured;
    this.current = configured;
  }

  WatchedRecogniser configured() {
    return configured;
  }

  /**
   * @param chosen closed by its owner
   */
  void switchTo(WatchedRecogniser chosen) {
    current = chosen;
  }

  Providers.State state() {
    Providers.State state = current.state();
    return new Providers.State(
        info(),
        state.load(),
        state.health(),
        state.failures(),
        state.lastFailure(),
        state.lastFailureAt());
  }

  /** The model's, under the provider's own name, by which it is found. */
  @Override
  public RecogniserInfo info() {
    RecogniserInfo info = current.info();
    return new RecogniserInfo(
        configured.info().provider(),
        info.model(),
        info.language(),
        info.languages(),
        info.tellable(),
        info.sampleRateHz());
  }

  @Override
  public RecogniserLoad load() {
    return current.load();
  }

  @Override
  public boolean takesHotwords() {
    return current.takesHotwords();
  }

  @Override
  public boolean prepare(String languageTag) {
    return current.prepare(languageTag);
  }

  @Override
  public Recogniser pinned() {
    return current;
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    return current.open(audio, options, listener);
  }

  @Override
  public void close() {
    configured.close();
  }
}
