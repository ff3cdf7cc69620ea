package org.linescribe.api.audiosessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.audiosessions.AudioSessionsServer.closeSession;
import static org.linescribe.api.audiosessions.AudioSessionsServer.stream;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.WebSocketClient;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.session.recordings.RecordingFile;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;

/** What becomes of a session whose storage is full, damaged, slow or used up. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AudioSessionsStorageTest {
  @TempDir Path scratch;

  private Path storage() {
    return scratch.resolve("storage");
  }

  /** Files of this process that lie in the storage and are open. */
  private List<Path> openFiles() throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors
          .flatMap(
              link -> {
                try {
                  return java.util.stream.Stream.of(Files.readSymbolicLink(link));
                } catch (IOException closedMeanwhile) {
                  return java.util.stream.Stream.empty();
                }
              })
          .filter(file -> file.startsWith(storage()))
          .toList();
    }
  }

  /** A disk that takes files but not the state beside them. */
  @Configuration(proxyBeanMethods = false)
  static class NoState {
    @Bean
    RecordingFile.Store storeThatLeavesNoSpaceForTheState() {
      return new RecordingFile.Store() {
        @Override
        public RecordingFile create(Path path, AudioShape shape) throws IOException {
          RecordingFile file = RecordingFile.ON_DISK.create(path, shape);
          Files.createDirectory(
              path.resolveSibling(path.getFileName().toString().replace(".wav", ".json.tmp")));
          return file;
        }

        @Override
        public RecordingFile reopen(Path path) throws IOException {
          return RecordingFile.ON_DISK.reopen(path);
        }
      };
    }
  }

  @Test
  void aSessionThatCannotBeKeptLeavesNothingOpenAndNoFile() throws Exception {
    try (AudioSessionsServer gateway = new AudioSessionsServer(storage(), Map.of(), NoState.class);
        WebSocketClient client = gateway.create("?sample_rate=8000&transcribe=true")) {
      assertThat(json(client.next()).get("error").asString()).startsWith("Session creation failed");
      assertThat(client.closed().code()).isEqualTo(1011);
      assertThat(openFiles()).isEmpty();
      try (var left = Files.list(storage())) {
        assertThat(left.map(Path::toString).filter(name -> name.endsWith(".wav"))).isEmpty();
      }
      assertThat(gateway.transcripts().openSources()).isZero();
    }
  }

  @Test
  void aFileThatReachesWhatWavCanCountIsWholeAndItsSessionSaysWhy() throws Exception {
    String id;
    try (AudioSessionsServer first = new AudioSessionsServer(storage(), Map.of());
        WebSocketClient client = first.create("?sample_rate=8000&channels=2")) {
      id = stream(client, List.of(new byte[400])).get("session_id").asString();
    }
    Path file = storage().resolve(id + ".wav");
    long most = 0xFFFF_FFFFL - 44;
    long frames = most / 4;
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(44 + (frames - 100) * 4);
    }
    try (AudioSessionsServer second = new AudioSessionsServer(storage(), Map.of());
        WebSocketClient client = second.join(id)) {
      assertThat(stream(client, List.of(new byte[400])).get("status").asString())
          .isEqualTo("active");
      assertThat(Files.size(file)).isEqualTo(44 + frames * 4);

      JsonNode refused = stream(client, List.of(new byte[4]));

      assertThat(refused.get("message").asString()).isEqualTo("Failed to process chunk");
      assertThat(refused.get("status").asString()).isEqualTo("error");
      assertThat(refused.get("error").asString()).contains("4 GiB");
      assertThat(client.closed().code()).isEqualTo(1011);
      assertThat(Files.size(file)).isEqualTo(44 + frames * 4);
      try (RandomAccessFile written = new RandomAccessFile(file.toFile(), "r")) {
        written.seek(4);
        assertThat(Integer.toUnsignedLong(Integer.reverseBytes(written.readInt())))
            .as("RIFF")
            .isEqualTo(36 + frames * 4);
        written.seek(40);
        assertThat(Integer.toUnsignedLong(Integer.reverseBytes(written.readInt())))
            .as("data")
            .isEqualTo(frames * 4);
      }
      assertThat(second.info(id).get("duration_seconds").asDouble())
          .isEqualTo(Math.round(frames * 1000.0 / 8000) / 1000.0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"se",
        "[]",
        "null",
        "{}",
        "{\"session_id\":\"00000000-0000-7000-8000-000000000001\"}",
        "{\"session_id\":\"00000000-0000-7000-8000-000000000001\",\"status\":\"active\","
            + "\"file_path\":\"x\",\"sample_rate\":7,\"channels\":1,\"format\":\"wav\","
            + "\"created_at\":\"2026-01-20T10:30:00Z\",\"updated_at\":\"2026-01-20T10:30:00Z\"}",
        "{\"session_id\":\"../../elsewhere\",\"status\":\"active\","
            + "\"file_path\":\"x\",\"sample_rate\":8000,\"channels\":1,\"format\":\"wav\","
            + "\"created_at\":\"2026-01-20T10:30:00Z\",\"updated_at\":\"2026-01-20T10:30:00Z\"}"
      })
  void aDamagedStateFileHurtsNoOtherSession(String damaged) throws Exception {
    String id;
    try (AudioSessionsServer first = new AudioSessionsServer(storage(), Map.of());
        WebSocketClient client = first.create("?sample_rate=8000")) {
      id = stream(client, List.of(new byte[1600])).get("session_id").asString();
    }
    Files.writeString(storage().resolve("00000000-0000-7000-8000-000000000001.json"), damaged);
    Files.write(storage().resolve("00000000-0000-7000-8000-000000000002.1.in"), new byte[3]);
    try (AudioSessionsServer second = new AudioSessionsServer(storage(), Map.of());
        WebSocketClient client = second.join(id)) {
      assertThat(stream(client, List.of(new byte[100])).get("chunk_count").asLong()).isEqualTo(2);
      assertThat(storage().resolve("00000000-0000-7000-8000-000000000002.1.in")).doesNotExist();
      assertThat(
              json(second.get("/api/audio/sessions?status=all"))
                  .get("sessions")
                  .findValuesAsString("session_id"))
          .containsExactly(id);
    }
  }

  @Test
  void aDamagedSpoolAndALostFileHurtNoOtherSession() throws Exception {
    String lost;
    String damaged;
    String whole;
    try (AudioSessionsServer first = new AudioSessionsServer(storage(), Map.of());
        WebSocketClient one = first.create("?sample_rate=8000");
        WebSocketClient two = first.create("?sample_rate=8000");
        WebSocketClient three = first.create("?sample_rate=8000")) {
      lost = stream(one, List.of(new byte[1600])).get("session_id").asString();
      damaged = stream(two, List.of(new byte[1600])).get("session_id").asString();
      whole = stream(three, List.of(new byte[1600])).get("session_id").asString();
    }
    Files.delete(storage().resolve(lost + ".wav"));
    byte[] noFormat = Arrays.copyOf(new byte[] {'L', 'S', 'S', 'P', 0, 0, 1, 0}, 64);
    Files.write(storage().resolve(damaged + ".1.in"), noFormat);
    try (AudioSessionsServer second = new AudioSessionsServer(storage(), Map.of());
        WebSocketClient client = second.join(whole);
        WebSocketClient other = second.join(damaged)) {
      assertThat(stream(client, List.of(new byte[100])).get("chunk_count").asLong()).isEqualTo(2);
      assertThat(stream(other, List.of(new byte[100])).get("chunk_count").asLong()).isEqualTo(2);
      JsonNode info = second.info(lost);
      assertThat(info.get("status").asString()).isEqualTo("error");
      assertThat(info.get("error").asString()).doesNotContain(storage().toString());
    }
  }

  /** A disk on which the end of a file takes as long as the test wants. */
  @Configuration(proxyBeanMethods = false)
  static class SlowEnd {
    record Gate(CountDownLatch ending, CountDownLatch mayEnd) {}

    @Bean
    Gate gate() {
      return new Gate(new CountDownLatch(1), new CountDownLatch(1));
    }

    @Bean
    RecordingFile.Store storeWithASlowEnd(Gate gate) {
      return new RecordingFile.Store() {
        @Override
        public RecordingFile create(Path path, AudioShape shape) throws IOException {
          RecordingFile file = RecordingFile.ON_DISK.create(path, shape);
          return new RecordingFile() {
            @Override
            public void append(short[] samples, int frames) throws IOException {
              file.append(samples, frames);
            }

            @Override
            public long frames() {
              return file.frames();
            }

            @Override
            public void close() throws IOException {
              gate.ending().countDown();
              try {
                gate.mayEnd().await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
              }
              file.close();
            }
          };
        }

        @Override
        public RecordingFile reopen(Path path) throws IOException {
          return RecordingFile.ON_DISK.reopen(path);
        }
      };
    }
  }

  private static boolean waitsForAClose(Thread stopping) {
    return Arrays.stream(stopping.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("awaitClosed"));
  }

  @Test
  void aSessionThatIsBeingClosedIsClosedWhenTheGatewayStops() throws Exception {
    String id;
    try (AudioSessionsServer gateway = new AudioSessionsServer(storage(), Map.of(), SlowEnd.class);
        WebSocketClient client = gateway.create("?sample_rate=8000")) {
      id = stream(client, List.of(new byte[1600])).get("session_id").asString();
      SlowEnd.Gate disk = gateway.server().bean(SlowEnd.Gate.class);
      client.send("{\"type\": \"control\", \"action\": \"close_session\"}");
      disk.ending().await();
      Thread stopping = Thread.ofPlatform().start(gateway::stop);
      await().until(() -> !stopping.isAlive() || waitsForAClose(stopping));
      disk.mayEnd().countDown();
      stopping.join();
    }
    try (AudioSessionsServer next = new AudioSessionsServer(storage(), Map.of())) {
      await()
          .untilAsserted(
              () -> assertThat(next.info(id).get("status").asString()).isEqualTo("completed"));
      assertThat(next.info(id).get("close_reason").asString()).isEqualTo("control");
    }
  }

  @Test
  void aFailureIsToldToItsClientOnceAndToTheOthersOnce() throws Exception {
    FullDisk.SPACE_FRAMES.set(Long.MAX_VALUE);
    try (AudioSessionsServer gateway =
            new AudioSessionsServer(storage(), Map.of(), FullDisk.class);
        WebSocketClient client = gateway.create("?sample_rate=8000")) {
      String id = stream(client, List.of(new byte[1000])).get("session_id").asString();
      try (WebSocketClient other = gateway.join(id)) {
        stream(other, List.of(new byte[1000]));
        FullDisk.SPACE_FRAMES.set(0);
        assertThat(stream(client, List.of(new byte[1000])).get("status").asString())
            .isEqualTo("error");
        assertThat(client.closed().code()).isEqualTo(1011);
        assertThat(other.closed().code()).isEqualTo(1011);
        assertThat(client.received().stream().filter(text -> text.contains("\"error\"")))
            .hasSize(1);
        assertThat(other.received().stream().filter(text -> text.contains("\"error\""))).hasSize(1);
      }
    }
  }

  @Test
  void aSessionThatWasClosedStaysClosedForWhoeverComesLater() throws Exception {
    try (AudioSessionsServer gateway = new AudioSessionsServer(storage(), Map.of());
        WebSocketClient client = gateway.create("?sample_rate=8000")) {
      String id = stream(client, List.of(new byte[1600])).get("session_id").asString();
      closeSession(client);
      assertThat(openFiles()).isEmpty();
      assertThat(gateway.info(id).get("status").asString()).isEqualTo("completed");
    }
  }
}
