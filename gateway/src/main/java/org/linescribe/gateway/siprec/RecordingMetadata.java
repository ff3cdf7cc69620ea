package org.linescribe.gateway.siprec;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.linescribe.session.Participant;

/**
 * Recording metadata, reduced to what a transcript needs.
 *
 * @param complete whether it describes the whole recording; a partial one changes the one before
 * @param participants by participant_id, in the order of the document
 * @param labels of the streams in the SDP, by stream_id, in the order of the document
 * @param sends the streams that a participant sends, by participant_id; empty for one that left
 * @param callFacts what identifies the recorded call, by the attribute that keeps it
 */
public record RecordingMetadata(
    boolean complete,
    Map<String, Participant> participants,
    Map<String, String> labels,
    Map<String, Set<String>> sends,
    Map<String, String> callFacts) {
  /** Attribute: session_id of the recorded communication session. */
  public static final String SESSION_ID = "recorded_session_id";

  /** Attribute: its Session-ID by RFC 7989, from sipSessionID. */
  public static final String SIP_SESSION_ID = "recorded_sip_session_id";

  /** Attribute: the communication session group. */
  public static final String GROUP_ID = "recorded_group_id";

  /** Attribute: the Call-ID of the recorded call, which Ribbon's SBCs tell. */
  public static final String CALL_ID = "recorded_call_id";

  public static final RecordingMetadata EMPTY =
      new RecordingMetadata(true, Map.of(), Map.of(), Map.of(), Map.of());

  public RecordingMetadata {
    participants = Collections.unmodifiableMap(new LinkedHashMap<>(participants));
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    sends = Collections.unmodifiableMap(new LinkedHashMap<>(sends));
    callFacts = Map.copyOf(callFacts);
  }

  /** The metadata after an update. Source: RFC 7865 §6.1 (dataMode), §6.6 (associations). */
  public RecordingMetadata updatedBy(RecordingMetadata update) {
    if (update.complete) {
      return update;
    }
    Map<String, Participant> mergedParticipants = new LinkedHashMap<>(participants);
    update.participants.forEach(
        (id, changed) ->
            mergedParticipants.merge(id, changed, RecordingMetadata::changedParticipant));
    Map<String, String> mergedLabels = new LinkedHashMap<>(labels);
    mergedLabels.putAll(update.labels);
    Map<String, Set<String>> mergedSends = new LinkedHashMap<>(sends);
    Set<String> claimed = new LinkedHashSet<>();
    update.sends.values().forEach(claimed::addAll);
    // A stream that changed its sender: some clients do not say that the former one stopped.
    mergedSends.replaceAll((id, streams) -> without(streams, claimed));
    mergedSends.putAll(update.sends);
    Map<String, String> mergedFacts = new LinkedHashMap<>(callFacts);
    mergedFacts.putAll(update.callFacts);
    return new RecordingMetadata(true, mergedParticipants, mergedLabels, mergedSends, mergedFacts);
  }

  private static Set<String> without(Set<String> streams, Set<String> claimed) {
    Set<String> left = new LinkedHashSet<>(streams);
    left.removeAll(claimed);
    return left;
  }

  private static Participant changedParticipant(Participant before, Participant changed) {
    return new Participant(
        changed.name().isEmpty() ? before.name() : changed.name(),
        changed.aor().isEmpty() ? before.aor() : changed.aor(),
        changed.role().or(before::role));
  }

  /**
   * Who sends the stream with a label.
   *
   * @return empty when the metadata does not tell; of a mixed stream all names
   */
  public Optional<Participant> participantOf(String label) {
    List<String> streams =
        labels.entrySet().stream()
            .filter(stream -> stream.getValue().equals(label))
            .map(Map.Entry::getKey)
            .toList();
    List<Participant> senders =
        participants.entrySet().stream()
            .filter(
                participant ->
                    sends.getOrDefault(participant.getKey(), Set.of()).stream()
                        .anyMatch(streams::contains))
            .map(Map.Entry::getValue)
            .toList();
    if (senders.size() == 1) {
      return Optional.of(senders.getFirst());
    }
    return senders.isEmpty() ? byOrder(label) : Optional.of(together(senders));
  }

  private static Participant together(List<Participant> senders) {
    return new Participant(
        String.join(", ", senders.stream().map(Participant::text).toList()), "", Optional.empty());
  }

  /**
   * Clients that associate no participant with a stream (Connectel; CUBE while the call is on hold)
   * name both in the same order.
   */
  private Optional<Participant> byOrder(String label) {
    if (participants.size() != labels.size()
        || sends.values().stream().anyMatch(streams -> !streams.isEmpty())) {
      return Optional.empty();
    }
    int index = new ArrayList<>(labels.values()).indexOf(label);
    return index < 0
        ? Optional.empty()
        : Optional.of(new ArrayList<>(participants.values()).get(index));
  }
}
