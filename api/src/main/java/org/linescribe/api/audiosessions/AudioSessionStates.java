package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionId;
import org.linescribe.session.recordings.RecordingFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the document shows of each session, kept as JSON beside its recording.
 *
 * <p>Thread: any; blocks.
 */
record AudioSessionStates(RecordingFolder folder, JsonMapper json) {
  private static final Logger LOG = LoggerFactory.getLogger(AudioSessionStates.class);

  void save(AudioSessionInfo info) throws IOException {
    folder.saveState(info.sessionId(), json.writeValueAsBytes(info));
  }

  /** Empty when there is none, or one that is not of the session that its name shows. */
  Optional<AudioSessionInfo> find(String id) {
    return folder.state(id).flatMap(state -> read(id, state));
  }

  private Optional<AudioSessionInfo> read(String id, byte[] state) {
    try {
      AudioSessionInfo kept = json.readValue(state, AudioSessionInfo.class);
      if (kept != null && id.equals(kept.sessionId())) {
        return Optional.of(kept);
      }
      LOG.warn("The state of audio session {} is of another session", logged(id));
    } catch (JacksonException e) {
      LOG.warn("The state of audio session {} cannot be read: {}", logged(id), e.toString());
    }
    return Optional.empty();
  }

  /** An id as an argument of a log line, which has the session as a member of its own in JSON. */
  static Object logged(String id) {
    return SessionId.isValid(id) ? new SessionId(id) : id;
  }

  List<AudioSessionInfo> all() {
    return folder.withState().stream().flatMap(id -> find(id).stream()).toList();
  }
}
