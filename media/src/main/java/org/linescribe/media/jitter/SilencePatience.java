package org.linescribe.media.jitter;

/**
 * How long nothing may come from a source before its time counts as silence. A recogniser needs
 * silence soon to end an utterance, and a network that stalls in the middle of a word must not put
 * silence into it; so it depends on the source:
 *
 * <ul>
 *   <li>After comfort noise or a key, and on hold, which say that no audio follows: the reorder
 *       wait.
 *   <li>Where audio broke off in the middle of speech, which is a stall and no pause: {@link
 *       JitterSettings#stallPatience}.
 *   <li>A source that made pauses before: {@value #PAUSE_MS} ms, less than the silence that ends an
 *       utterance.
 *   <li>A source that always sent: {@link JitterSettings#silencePatience}.
 * </ul>
 *
 * <p>Thread: the buffer's.
 */
final class SilencePatience {
  private static final long PAUSE_MS = 600;

  private final long reorderWaitNs;
  private final long silencePatienceNs;
  private final long stallPatienceNs;
  private PayloadKind newest = PayloadKind.UNKNOWN;
  private boolean makesPauses;
  private boolean held;

  SilencePatience(JitterSettings settings) {
    reorderWaitNs = settings.reorderWait().toNanos();
    silencePatienceNs = settings.silencePatience().toNanos();
    stallPatienceNs = settings.stallPatience().toNanos();
  }

  void newest(PayloadKind kind) {
    newest = kind;
  }

  /** The source's timestamps moved on without packets: it sends no silence. */
  void sourcePaused() {
    makesPauses = true;
  }

  void otherSource() {
    makesPauses = false;
  }

  void held(boolean on) {
    held = on;
  }

  /**
   * @param inSpeech whether the source's audio broke off in the middle of speech
   */
  long ns(boolean inSpeech) {
    if (held || newest == PayloadKind.COMFORT_NOISE || newest == PayloadKind.TELEPHONE_EVENT) {
      return reorderWaitNs;
    }
    long pauseNs =
        makesPauses ? Math.min(PAUSE_MS * 1_000_000, silencePatienceNs) : silencePatienceNs;
    return inSpeech ? Math.max(pauseNs, stallPatienceNs) : pauseNs;
  }
}
