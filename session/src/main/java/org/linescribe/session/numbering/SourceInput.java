package org.linescribe.session.numbering;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.Participant;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.leg.LegAudioFeed;
import org.linescribe.session.leg.SourceMessage;

/**
 * The caller's side of a source: audio goes into the legs, everything else becomes a message to the
 * {@link SourceWriter}, whose parts this class uses. Once the writer closes, nothing is taken.
 *
 * <p>Thread: any, one at a time.
 */
record SourceInput(SourceWriter writer) implements SessionSource {
  @Override
  public SessionId sessionId() {
    return writer.sessionId();
  }

  @Override
  public int write(int leg, short[] pcm, int offset, int samples) {
    if (!writer.isOpen()) {
      return 0;
    }
    writer.timers.audioReceived(writer.context.clock().millis());
    int taken = writer.legs.get(leg).write(pcm, offset, samples);
    if (taken < samples) {
      writer.context.meters().refusedAudio.increment();
    }
    return taken;
  }

  @Override
  public void skip(int leg, int samples) {
    if (writer.isOpen()) {
      writer.timers.audioReceived(writer.context.clock().millis());
      writer.legs.get(leg).skip(samples);
    }
  }

  @Override
  public void describe(String key, String value) {
    SessionMetadata.check(key, value);
    if (writer.isOpen()) {
      writer.messages.post(new SourceMessage.Described(key, value));
    }
  }

  @Override
  public void mark(int leg, long atSamples, String text) {
    if (writer.isOpen()) {
      writer.messages.post(
          new SourceMessage.Marked(writer.legs.get(leg).positionMs(atSamples), text));
    }
  }

  @Override
  public void participant(int leg, Participant participant) {
    if (writer.isOpen()) {
      writer.messages.post(
          new SourceMessage.ParticipantChanged(
              leg, writer.legs.get(leg).positionMs(), participant));
    }
  }

  @Override
  public OptionalInt addLeg(SourceRequest.Leg leg, long atSamples) {
    if (writer.legs.stream().anyMatch(present -> present.name().equals(leg.name()))) {
      throw new IllegalArgumentException("leg: '" + leg.name() + "' (expected: a name of its own)");
    }
    int index = writer.legs.size();
    if (!writer.isOpen() || index >= writer.maxLegs || writer.recognisers.isSaturated()) {
      return OptionalInt.empty();
    }
    LegAudioFeed feed =
        LegAudioFeed.joining(
            index,
            leg,
            writer.messages,
            writer.context.meters().replayTruncated,
            writer.context.settings().replayTime().toMillis(),
            atSamples);
    writer.utterances.add(leg, writer.sequencer.nextSeq(), feed.positionMs());
    writer.legs.add(feed);
    writer.messages.post(new SourceMessage.LegAdded(index));
    return OptionalInt.of(index);
  }

  @Override
  public void dtmf(int leg, char digit, long atSamples) {
    if (writer.isOpen() && !writer.messages.isCrowded()) {
      writer.messages.post(
          new SourceMessage.KeyPressed(leg, digit, writer.legs.get(leg).positionMs(atSamples)));
    }
  }

  @Override
  public boolean continuesHere() {
    return writer.opening.continuesHere();
  }

  @Override
  public List<String> unserved() {
    return writer.opening.recognisers().unserved();
  }

  @Override
  public Optional<String> language() {
    return writer.opening.recognisers().isInLanguage()
        ? writer.opening.recognisers().language()
        : Optional.empty();
  }

  @Override
  public long backlogMs(int leg) {
    return writer.legs.get(leg).backlogMs();
  }

  @Override
  public TranscriptEvent.Partial current(int leg) {
    return writer.utterances.current(leg);
  }

  @Override
  public CompletionStage<Void> flush() {
    // Before the look at the pending one: if that begins meanwhile it has seen the mark.
    writer.legs.forEach(LegAudioFeed::requestFlush);
    CompletableFuture<@Nullable Void> asked = new CompletableFuture<>();
    CompletableFuture<@Nullable Void> flushed = writer.flushes.pendingOr(asked);
    if (flushed == asked) {
      if (writer.isOpen()) {
        writer.messages.post(new SourceMessage.Flush(asked));
      }
      // A closing source flushes anyway.
      writer.whenFinished(() -> asked.complete(null));
    }
    return flushed.minimalCompletionStage();
  }

  @Override
  public CompletionStage<Void> end(String reason) {
    String word = reason.length() > 255 ? reason.substring(0, 255) : reason;
    return writer.close(null, word).toCompletableFuture().minimalCompletionStage();
  }
}
