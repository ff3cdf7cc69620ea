package org.linescribe.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;

/** Which positions a power cut may forget. */
class DeliveryCursorsTest {
  private static final SessionId ID = new SessionId("one");

  @TempDir private Path folder;

  @Test
  void aNewPositionsNameIsOnTheDiskAndAMoveNeedNotBe() throws Exception {
    List<Boolean> forced = new ArrayList<>();
    DeliveryCursors cursors =
        new DeliveryCursors(
            folder,
            at -> forced.add(at.equals(folder) && Files.exists(folder.resolve("one.next"))));

    cursors.create(ID, new DeliveryCursors.Cursor(1, false));
    assertThat(forced).as("after the file has its name").containsExactly(true);
    cursors.createIfAbsent(ID, new DeliveryCursors.Cursor(1, false));
    cursors.advance(ID, new DeliveryCursors.Cursor(2, true));
    assertThat(forced).hasSize(1);
    assertThat(cursors.all()).isEqualTo(Map.of(ID, new DeliveryCursors.Cursor(2, true)));
  }
}
