package org.linescribe.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;

/** What a restart knows of messages that fail. */
class FirstAttemptsTest {
  private static final Instant FIRST = Instant.parse("2026-11-30T12:00:00Z");
  private static final Instant LATER = FIRST.plusSeconds(3600);

  @TempDir private Path folder;

  @Test
  void aSessionWhoseIdHoldsTheFilesEndingIsNoOtherSession() throws Exception {
    SessionId one = new SessionId("a.since.b");
    SessionId other = new SessionId("a.b");
    new FirstAttempts(folder).of(one, "msg_1", FIRST);

    FirstAttempts restarted = new FirstAttempts(folder);

    assertThat(restarted.of(one, "msg_1", LATER)).isEqualTo(FIRST);
    assertThat(restarted.of(other, "msg_1", LATER)).isEqualTo(LATER);
    restarted.clear(one);
    restarted.clear(other);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFileThatAKillLeftUnfinishedIsDeleted() throws Exception {
    Files.createFile(folder.resolve("one.since.tmp"));
    new FirstAttempts(folder);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFileThatCannotBeReadIsPassedOver() throws Exception {
    SessionId readable = new SessionId("readable");
    SessionId malformed = new SessionId("malformed");
    new FirstAttempts(folder).of(readable, "msg_1", FIRST);
    Files.write(folder.resolve("malformed.since"), new byte[] {(byte) 0xff, ' ', '1'});
    Files.createDirectory(folder.resolve("folder.since"));

    FirstAttempts restarted = new FirstAttempts(folder);

    assertThat(restarted.of(readable, "msg_1", LATER)).isEqualTo(FIRST);
    assertThat(restarted.of(malformed, "msg_1", LATER)).isEqualTo(LATER);
  }

  @Test
  void aSessionOfWhichNothingIsDueIsForgotten() throws Exception {
    SessionId due = new SessionId("due");
    FirstAttempts attempts = new FirstAttempts(folder);
    attempts.of(due, "msg_1", FIRST);
    attempts.of(new SessionId("gone"), "msg_2", FIRST);

    attempts.clearUnless(due::equals);

    assertThat(folder).isDirectoryContaining("glob:**due.since");
    assertThat(folder.toFile().list()).hasSize(1);
    assertThat(attempts.of(due, "msg_1", LATER)).isEqualTo(FIRST);
  }
}
