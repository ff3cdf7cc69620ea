package org.linescribe.gateway.call;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private static final int RATE_HZ = 8000;
  private static final int MAX_LABEL_CHARACTERS = 32;
  private static final String PARTICIPANT = "participant.";

  private final List<String> labels = new ArrayList<>();
  private final List<String> legs = new ArrayList<>();
  private final List<Optional<Participant>> participants = new ArrayList<>();
  private RecordingMetadata metadata = RecordingMetadata.EMPTY;

  private CallRecording(List<MediaDescription> streams) {
    streams.forEach(stream -> add(stream, legOf(stream)));
  }

  private static String label(MediaDescription stream) {
    return stream.attribute("label").orElse("");
  }

  /** The name of the leg that a stream would get. */
  private String nameOf(MediaDescription stream) {
    String name = label(stream);
    // A label that is missing, too long or taken.
    for (int number = legs.size() + 1; !isName(name) || legs.contains(name); number++) {
      name = "stream-" + number;
    }
    return name;
  }

  /** The leg that a stream gets next; earlier metadata may know who speaks on it. */
  private SourceRequest.Leg legOf(MediaDescription stream) {
    return new SourceRequest.Leg(nameOf(stream), RATE_HZ, metadata.participantOf(label(stream)));
  }

  private void add(MediaDescription stream, SourceRequest.Leg leg) {
    legs.add(leg.name());
    labels.add(label(stream));
    participants.add(leg.participant());
  }

  /**
   * Adds streams that an offer brings in the middle of the recording, as far as the source takes
   * them; the rest is closed.
   *
   * @param opened as many as are offered
   */
  void join(
      List<MediaDescription> offered,
      List<CallStream> opened,
      CallMedia media,
      SessionSource source,
      boolean paused) {
    boolean isTaken = true;
    for (int i = 0; i < opened.size(); i++) {
      long atSamples = media.elapsedSamples();
      SourceRequest.Leg leg = legOf(offered.get(i));
      isTaken = isTaken && source.addLeg(leg, atSamples).isPresent();
      if (isTaken) {
        add(offered.get(i), leg);
        media.add(opened.get(i), source, atSamples, paused);
      } else {
        opened.get(i).close();
      }
    }
  }

  /** How many streams more it may have. */
  int space() {
    return MAX_STREAMS - legs.size();
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
        new CallRecording(Offers.checkRecording(invite.sdp(), MAX_STREAMS, policy));
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
      asked.add(new SourceRequest.Leg(legs.get(leg), RATE_HZ, participants.get(leg)));
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
