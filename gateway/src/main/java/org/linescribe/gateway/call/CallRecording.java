package org.linescribe.gateway.call;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sdp.MediaDescription;
import org.linescribe.gateway.sdp.MediaPolicy;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipTransaction;
import org.linescribe.gateway.siprec.MetadataException;
import org.linescribe.gateway.siprec.RecordingMetadata;
import org.linescribe.gateway.siprec.RecordingMetadataParser;
import org.linescribe.session.Participant;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recording session that a SIPREC client opens: a leg for each of its streams, named by the
 * stream's label, and the participant that speaks on it.
 *
 * <p>Metadata that cannot be read does not cost the recording: the legs then have no participants.
 *
 * <p>Thread: the call's event loop. Source: RFC 7866, RFC 7865.
 */
final class CallRecording {
  private static final Logger LOG = LoggerFactory.getLogger(CallRecording.class);

  /** As many legs as a session has by default. */
  private static final int MAX_STREAMS = 8;

  private static final int MAX_LABEL_CHARACTERS = 32;
  private static final String PARTICIPANT = "participant.";

  private final List<String> labels;
  private final List<String> legs = new ArrayList<>();
  private final List<Optional<Participant>> participants = new ArrayList<>();
  private RecordingMetadata metadata = RecordingMetadata.EMPTY;

  private CallRecording(List<MediaDescription> streams) {
    this.labels = streams.stream().map(stream -> stream.attribute("label").orElse("")).toList();
    Set<String> names = new HashSet<>();
    for (int leg = 0; leg < labels.size(); leg++) {
      String label = labels.get(leg);
      String name = label;
      // A label that is missing, too long or taken.
      for (int number = leg + 1; !isName(name) || !names.add(name); number++) {
        name = "stream-" + number;
      }
      legs.add(name);
      participants.add(Optional.empty());
    }
  }

  private static boolean isName(String label) {
    return !label.isEmpty() && label.length() <= MAX_LABEL_CHARACTERS;
  }

  /** The recording that an INVITE asks for, or null for a call. */
  static @Nullable CallRecording of(SipDialog dialog, SipTransaction invite, MediaPolicy policy)
      throws OfferRefusedException {
    if (!dialog.isRecordingSession() || invite.sdp().length == 0) {
      return null;
    }
    CallRecording recording =
        new CallRecording(CallMedia.checkRecording(invite.sdp(), MAX_STREAMS, policy));
    recording.read(dialog.toString(), invite.recordingMetadata());
    return recording;
  }

  private void read(String call, byte[] document) {
    if (document.length == 0) {
      return;
    }
    try {
      metadata = metadata.updatedBy(RecordingMetadataParser.parse(document));
    } catch (MetadataException e) {
      LOG.warn("call {}: recording metadata ignored: {}", call, e.getMessage());
      return;
    }
    for (int leg = 0; leg < legs.size(); leg++) {
      participants.set(leg, metadata.participantOf(labels.get(leg)));
    }
  }

  int streams() {
    return legs.size();
  }

  List<SourceRequest.Leg> legs() {
    List<SourceRequest.Leg> asked = new ArrayList<>();
    for (int leg = 0; leg < legs.size(); leg++) {
      asked.add(new SourceRequest.Leg(legs.get(leg), 8000, participants.get(leg)));
    }
    return asked;
  }

  /** What is kept with the session: who takes part, and what identifies the recorded call. */
  Map<String, String> attributes() {
    Map<String, String> attributes = new LinkedHashMap<>(metadata.callFacts());
    for (int leg = 0; leg < legs.size(); leg++) {
      String key = PARTICIPANT + legs.get(leg);
      participants.get(leg).ifPresent(who -> attributes.put(key, who.text()));
    }
    return attributes;
  }

  /** Applies the metadata of a re-INVITE or an UPDATE. */
  void update(String call, byte[] document, SessionSource source) {
    List<Optional<Participant>> before = List.copyOf(participants);
    read(call, document);
    for (int leg = 0; leg < legs.size(); leg++) {
      Optional<Participant> now = participants.get(leg);
      if (now.isPresent() && !now.equals(before.get(leg))) {
        source.participant(leg, now.get());
      }
    }
    attributes().forEach(source::describe);
  }
}
