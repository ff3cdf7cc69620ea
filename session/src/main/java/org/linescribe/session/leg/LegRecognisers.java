package org.linescribe.session.leg;

import java.util.BitSet;
import java.util.List;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.StreamOptions;
import org.linescribe.session.SessionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Assigns a recogniser to each leg of a source, and another one when it fails.
 *
 * <p>Thread: the session's writer, but for {@link #openAll} and {@link #closeAll} before it starts.
 */
public final class LegRecognisers {
  private static final Logger LOG = LoggerFactory.getLogger(LegRecognisers.class);

  /** Recognisers that a leg may use up between two finals before its source is given up. */
  private static final int MAX_REPLACEMENTS = 4;

  private final SessionId sessionId;
  private final List<LegAudioFeed> legs;
  private final List<Recogniser> recognisers;
  private final StreamOptions options;
  private final int[] recogniserOfLeg;
  private final int[] replacements;
  private final BitSet deadLegs = new BitSet();

  /**
   * @param legs may become more
   * @param maxLegs how many
   * @param recognisers the wanted one first, then those to fail over to
   */
  public LegRecognisers(
      SessionId sessionId,
      List<LegAudioFeed> legs,
      int maxLegs,
      List<Recogniser> recognisers,
      StreamOptions options) {
    this.sessionId = sessionId;
    this.legs = legs;
    this.recognisers = recognisers;
    this.options = options;
    this.recogniserOfLeg = new int[maxLegs];
    this.replacements = new int[maxLegs];
  }

  /**
   * Opens every leg's recogniser stream.
   *
   * @return false when no recogniser gives one; nothing stays open then
   */
  public boolean openAll() {
    for (int leg = 0; leg < legs.size(); leg++) {
      recogniserOfLeg[leg] = -1;
      if (!openNext(leg)) {
        closeAll();
        return false;
      }
    }
    return true;
  }

  /** Opens the stream of a leg that was added; false when there is none: the leg is dead. */
  public boolean open(int leg) {
    recogniserOfLeg[leg] = -1;
    if (openNext(leg)) {
      return true;
    }
    recogniserOfLeg[leg] = 0;
    deadLegs.set(leg);
    legs.get(leg).abandon();
    return false;
  }

  /** Whether the recogniser of another leg would come too late. Thread: any. */
  public boolean isSaturated() {
    return recognisers.getFirst().load().saturated();
  }

  public void closeAll() {
    legs.forEach(LegAudioFeed::close);
  }

  /** Gives a leg whose recogniser failed another one; false when there is none: the leg is dead. */
  public boolean replace(int leg) {
    if (openNext(leg)) {
      return true;
    }
    deadLegs.set(leg);
    legs.get(leg).close();
    return false;
  }

  /** The same recogniser once more, then the next ones. */
  private boolean openNext(int leg) {
    int from = Math.max(0, recogniserOfLeg[leg]);
    int known = recognisers.size();
    if (replacements[leg] >= MAX_REPLACEMENTS) {
      return false;
    }
    // A second failure without a final between the two speaks against this recogniser.
    int start = replacements[leg] == 0 ? from : from + 1;
    if (recogniserOfLeg[leg] >= 0) {
      replacements[leg]++;
    }
    for (int i = 0; i < known; i++) {
      int candidate = (start + i) % known;
      try {
        legs.get(leg).openOn(recognisers.get(candidate), options);
        recogniserOfLeg[leg] = candidate;
        return true;
      } catch (RuntimeException refused) {
        LOG.warn(
            "Session {}: {} gives no stream: {}",
            sessionId,
            recognisers.get(candidate).info().provider(),
            refused.toString());
      }
    }
    return false;
  }

  /** The leg's recogniser completed an utterance, so its failures no longer count. */
  public void utteranceCompleted(int leg) {
    replacements[leg] = 0;
  }

  /** Name of the model that recognises the leg now. */
  public String model(int leg) {
    return recognisers.get(recogniserOfLeg[leg]).info().model();
  }

  /** Audio that waits for the slowest of the recognisers, in ms. Thread: any. */
  public long backlogMs() {
    return recognisers.stream().mapToLong(known -> known.load().backlogMs()).max().orElse(0);
  }

  /** The legs that have a recogniser; the caller's own copy. */
  public BitSet alive() {
    BitSet alive = new BitSet();
    alive.set(0, legs.size());
    alive.andNot(deadLegs);
    return alive;
  }
}
