package org.linescribe.api.audiosessions;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;

/** JSON log lines have a session_id where an argument is a {@link SessionId}. */
class AudioSessionLogTest {
  @Test
  void aLineNamesItsSessionAsOneAndWhatIsNoneAsItIs() {
    assertThat(AudioSessionStates.logged("one")).isEqualTo(new SessionId("one"));
    assertThat(AudioSessionStates.logged("no session")).isEqualTo("no session");
  }
}
