package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a start that fails leaves of what was made beside Spring's context. */
final class EarlyStartTest {
  @TempDir Path folder;

  private Throwable failure(String... settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--linescribe.http=127.0.0.1:0",
                "--linescribe.sip.bind=127.0.0.1:0",
                "--linescribe.rtp.ports=0",
                "--linescribe.model.name=telephony-digits-en",
                "--linescribe.data=" + folder.resolve("data")));
    for (String setting : settings) {
      String key = setting.substring(0, setting.indexOf('=') + 1);
      arguments.removeIf(argument -> argument.startsWith(key));
      arguments.add(setting);
    }
    return catchThrowable(
        () -> RunningGateway.application().run(arguments.toArray(String[]::new)).close());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--linescribe.asr.max-batch=0",
        "--linescribe.asr.max-bacth=1",
        "--linescribe.session.flush-time=soon",
        "--linescribe.providers.whisper.nonsense=1"
      })
  void nothingIsMadeBeforeEverySettingHasBeenRead(String wrong) {
    assertThat(StartFailureReporter.usersFault(failure(wrong)))
        .hasValueSatisfying(words -> assertThat(words).startsWith("linescribe."));
    assertThat(folder.resolve("data")).doesNotExist();
  }

  /** Found wrong by a bean, while the database is being opened or after that. */
  @ParameterizedTest
  @ValueSource(strings = {"--linescribe.access.burst=0", "--linescribe.model.others=no-such-model"})
  void theDatabaseIsClosedWhereABeanFails(String wrong) throws Exception {
    assertThat(failure(wrong)).isNotNull();
    assertDatabaseIsClosed();
  }

  @Test
  void theDatabaseIsClosedWhereTheSocketCannotBeBound() throws Exception {
    try (ServerSocket inUse = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThat(failure("--linescribe.audiosocket.bind=127.0.0.1:" + inUse.getLocalPort()))
          .isNotNull();
    }
    assertDatabaseIsClosed();
  }

  @ParameterizedTest
  @ValueSource(strings = {"telephony-digits-en", "moonshine-tiny-en"})
  void aStartThatFailsLaunchesNoWorkerProcess(String model) throws Exception {
    Path recorded = folder.resolve("processes.jfr");
    try (Recording processes = new Recording()) {
      processes.enable("jdk.ProcessStart").withoutThreshold();
      processes.start();
      assertThat(
              failure(
                  "--linescribe.access.burst=0",
                  "--linescribe.asr.workers=1",
                  "--linescribe.model.name=" + model))
          .isNotNull();
      processes.stop();
      processes.dump(recorded);
    }
    assertThat(RecordingFile.readAllEvents(recorded))
        .extracting(event -> event.getString("command"))
        .noneMatch(command -> command.contains("WorkerMain"));
  }

  private void assertDatabaseIsClosed() throws Exception {
    Path database = folder.resolve("data/db/linescribe.mv.db");
    assertThat(Files.exists(database)).isTrue();
    try (FileChannel file = FileChannel.open(database, StandardOpenOption.WRITE);
        FileLock lock = file.tryLock()) {
      assertThat(lock).isNotNull();
    }
  }
}
