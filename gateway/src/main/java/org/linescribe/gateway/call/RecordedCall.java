package org.linescribe.gateway.call;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallControl.RecordingOrder;
import org.linescribe.session.recordings.CallRecorder;
import org.linescribe.session.recordings.CallRecordings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a call is recorded, and where its audio goes then. A recording that cannot begin costs no
 * call: it is logged.
 *
 * <p>Thread: the call's event loop.
 */
final class RecordedCall {
  private static final Logger LOG = LoggerFactory.getLogger(RecordedCall.class);
  private static final int RATE_HZ = 8000;

  private final SessionId sessionId;
  private final @Nullable CallRecordings recordings;
  private final Consumer<Runnable> loop;
  private @Nullable CallRecorder recorder;
  private boolean beginning;
  private int recordedLegs;

  /**
   * The last order, or what the key said. Given before the recording begins, it is obeyed when it
   * does: a caller may object while the announcement is still played.
   */
  private RecordingOrder ordered = RecordingOrder.START;

  private boolean ended;

  /**
   * @param recordings where they are kept; null where none are
   * @param loop runs a task on the call's event loop
   */
  RecordedCall(SessionId sessionId, @Nullable CallRecordings recordings, Consumer<Runnable> loop) {
    this.sessionId = sessionId;
    this.recordings = recordings;
    this.loop = loop;
  }

  /**
   * Begins where a rule or else the setting says so. Orders given before outrank both: it begins
   * paused, or not at all.
   */
  void answered(CallMedia media, Optional<Boolean> byRule) {
    if (recordings != null
        && ordered != RecordingOrder.STOP
        && byRule.orElse(recordings.byDefault())) {
      begin(media);
    }
  }

  void order(CallMedia media, RecordingOrder order) {
    switch (order) {
      case START -> {
        ordered = order;
        if (recorder != null) {
          pauseRecorder(media, false);
        } else {
          begin(media);
        }
      }
      case PAUSE -> pause(media, true);
      case STOP -> {
        ordered = order;
        close(media);
      }
    }
  }

  /** Pauses a recording that goes on or is still to begin, and lets a paused one go on. */
  void toggle(@Nullable CallMedia media) {
    pause(media, ordered != RecordingOrder.PAUSE);
  }

  private void pause(@Nullable CallMedia media, boolean on) {
    if (ordered == RecordingOrder.STOP) {
      return;
    }
    ordered = on ? RecordingOrder.PAUSE : RecordingOrder.START;
    pauseRecorder(media, on);
  }

  private void pauseRecorder(@Nullable CallMedia media, boolean on) {
    if (recorder != null) {
      if (media != null) {
        media.switched(!on);
      }
      recorder.pause(on);
    }
  }

  private void begin(CallMedia media) {
    CallRecordings kept = recordings;
    int legs = media.legs();
    if (kept == null || beginning || recorder != null && recordedLegs == legs || ended) {
      return;
    }
    beginning = true;
    // Creating a file blocks.
    Thread.ofVirtual()
        .name("linescribe-record-" + sessionId)
        .start(
            () -> {
              try {
                CallRecorder begun = kept.begin(sessionId, legs, RATE_HZ);
                loop.accept(() -> begun(media, begun));
              } catch (IOException | RuntimeException e) {
                LOG.error("session {}: the call cannot be recorded: {}", sessionId, e.toString());
                loop.accept(() -> beginning = false);
              }
            });
  }

  private void begun(CallMedia media, CallRecorder begun) {
    beginning = false;
    if (ended || ordered == RecordingOrder.STOP) {
      begun.close();
      return;
    }
    begun.pause(ordered == RecordingOrder.PAUSE);
    CallRecorder before = recorder;
    recorder = begun;
    recordedLegs = begun.legs();
    if (before == null) {
      media.record(begun);
    } else {
      media.recordInto(begun);
      before.close();
    }
    if (media.legs() > recordedLegs) {
      begin(media);
    }
  }

  /**
   * The call has got a leg more, and a file cannot get a channel more: the recording ends, and
   * another one of all legs goes on in its place. Until that has begun, which is when a file is
   * created, the new leg is not recorded.
   */
  void legsAdded(CallMedia media) {
    if (recorder != null) {
      begin(media);
    }
  }

  /** The call ended, or nobody wants its recording any more. */
  void close(CallMedia media) {
    if (recorder != null) {
      media.record(null);
      recorder.close();
      recorder = null;
    }
  }

  /** The call ended; a recording that is only beginning is closed when it has begun. */
  void ended(@Nullable CallMedia media) {
    ended = true;
    if (media != null) {
      close(media);
    }
  }

  /** "off", "on" or "paused". */
  String state() {
    if (recorder == null) {
      return "off";
    }
    return recorder.isPaused() ? "paused" : "on";
  }
}
