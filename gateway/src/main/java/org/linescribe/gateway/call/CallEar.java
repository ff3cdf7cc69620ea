package org.linescribe.gateway.call;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.rtp.RtpSessionListener;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.session.SessionSource;

/**
 * Brings what the media says to the session; what it refuses becomes silence, so that the timeline
 * stays true.
 *
 * <p>Thread: the call's event loop.
 */
final class CallEar implements RtpSessionListener {
  private final CallMetrics metrics;
  private final Consumer<CallOutcome> end;
  private final Consumer<RuntimeException> fail;
  private @Nullable SessionSource source;

  CallEar(CallMetrics metrics, Consumer<CallOutcome> end, Consumer<RuntimeException> fail) {
    this.metrics = metrics;
    this.end = end;
    this.fail = fail;
  }

  /** From now on; what came before is dropped. */
  void speakTo(SessionSource opened) {
    source = opened;
  }

  @Override
  public void onAudio(float[] pcm, int length) {
    if (source != null && !source.accept(CallSource.LEG, pcm, 0, length)) {
      source.skip(CallSource.LEG, length);
      metrics.refusedSamples.increment(length);
    }
  }

  @Override
  public void onSilence(int samples) {
    if (source != null) {
      source.skip(CallSource.LEG, samples);
    }
  }

  @Override
  public void onTelephoneEvent(TelephoneEvent event, long atSamples) {
    metrics.telephoneEvents.increment();
  }

  @Override
  public void onTimeout() {
    end.accept(new CallOutcome.RtpTimeout());
  }

  @Override
  public void onFailure(RuntimeException failure) {
    fail.accept(failure);
  }
}
