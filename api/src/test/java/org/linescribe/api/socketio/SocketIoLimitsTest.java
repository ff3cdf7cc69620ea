package org.linescribe.api.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageFullException;
import org.linescribe.session.storage.StorageSettings;

/** Clients that send too much, or are too many. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketIoLimitsTest {
  @TempDir Path folder;

  @Test
  void aPayloadBeyondTheLimitIsRefusedOnBothTransports() throws Exception {
    try (SocketIoServer gateway =
        new SocketIoServer(folder, Map.of("linescribe.socketio.max-payload", "64KB"))) {
      RawClient raw = new RawClient(gateway);
      String path = raw.joined();
      String huge = "42/streaming,[\"" + "x".repeat(70_000) + "\"]";
      HttpResponse<String> answer = raw.post(path, huge);
      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(answer.body()).isEqualTo("{\"error\":\"Payload too large\",\"max_bytes\":65536}");
      assertThat(raw.post(path, "3").statusCode()).isEqualTo(400);

      assertThat(raw.postWithoutLength(raw.joined(), huge).statusCode()).isEqualTo(413);

      try (NodeClient client =
          gateway.client(
              Map.of(
                  "file",
                  gateway.write("big", new byte[80_000]).toString(),
                  "chunkBytes",
                  80_000,
                  "then",
                  "disconnect",
                  "options",
                  Map.of("transports", List.of("websocket"), "reconnection", false)))) {
        assertThat(client.finish().awaitLine("disconnect").path("disconnect").asString())
            .isEqualTo("transport close");
      }
      // Within the limit all is well, also where Base64 makes more of it.
      byte[] audio = SocketIoServer.noise(120_000, 3);
      NodeClient fine =
          gateway.record(
              audio,
              Map.of("chunkBytes", 40_000, "options", Map.of("transports", List.of("polling"))));
      assertThat(gateway.pcm(fine.sid())).isEqualTo(audio);
    }
  }

  @Test
  void moreClientsThanTheLimitAreRefusedAndAPlaceIsFreeAgainAfterwards() throws Exception {
    try (SocketIoServer gateway =
        new SocketIoServer(folder, Map.of("linescribe.socketio.max-clients", "2"))) {
      RawClient raw = new RawClient(gateway);
      String first = raw.handshake();
      raw.handshake();
      HttpResponse<String> third = raw.get(RawClient.POLL);
      assertThat(third.statusCode()).isEqualTo(503);
      assertThat(third.headers().firstValue("Retry-After")).contains("5");
      try (WebSocketClient socket = raw.socket()) {
        assertThat(socket.closed().code()).isEqualTo(1013);
      }
      raw.post(first, "1");
      await().until(() -> gateway.clients() == 1);
      raw.handshake();
    }
  }

  @Test
  void anOverloadedGatewayRefusesTheConnectionWithTheTimeToComeAgain() throws Exception {
    try (SocketIoServer gateway = new SocketIoServer(folder, Map.of())) {
      gateway
          .transcripts()
          .refuse(
              new SessionRefusedException(
                  SessionRefusedException.Reason.OVERLOADED, "too many", Duration.ofSeconds(7)));
      try (NodeClient client = gateway.client(Map.of())) {
        var refused = client.finish().awaitLine("connect_error");
        assertThat(refused.path("connect_error").asString()).isEqualTo("too many");
        assertThat(refused.path("data").path("reason").asString()).isEqualTo("overloaded");
        assertThat(refused.path("data").path("retry_after").asInt()).isEqualTo(7);
      }
      NodeClient untranscribed =
          gateway.record(
              new byte[3200], Map.of("options", Map.of("query", Map.of("transcribe", "false"))));
      assertThat(untranscribed.events("result_file_path")).hasSize(1);
    }
  }

  @Test
  void aRecordingBeyondTheLongestIsRefusedAndKept() throws Exception {
    try (SocketIoServer gateway =
        new SocketIoServer(folder, Map.of("linescribe.socketio.max-duration", "1s"))) {
      byte[] audio = SocketIoServer.noise(40_000, 4);
      try (NodeClient client =
          gateway.client(
              Map.of(
                  "file",
                  gateway.write("long", audio).toString(),
                  "chunkBytes",
                  16_000,
                  "then",
                  "wait"))) {
        assertThat(client.awaitEvent("error").path("error").asString())
            .isEqualTo("Recording is too long");
        assertThat(gateway.pcm(client.sid())).isEqualTo(java.util.Arrays.copyOf(audio, 32_000));
      }
    }
  }

  @Test
  void aRecordingThatReachesWhatWavCanCountIsRefusedAndSavedWhole() throws Exception {
    try (SocketIoServer gateway =
        new SocketIoServer(folder, Map.of("linescribe.socketio.max-duration", "24h"))) {
      RawClient raw = new RawClient(gateway);
      String join =
          "40/streaming,{\"session_id\":\"long\",\"sample_rate\":96000,\"channels\":2,"
              + "\"transcribe\":false,\"format\":\"pcm\"}";
      String stop = "42/streaming,[\"stop_recording\"]";
      String first = raw.handshake();
      raw.post(first, join);
      raw.post(first, RawClient.chunk(new byte[400]));
      raw.post(first, stop);
      assertThat(raw.get(first).body()).contains("result_file_path");
      Path file = gateway.file("long");
      try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
        sparse.setLength(0xFFFF_FFFFL - 44 - (2L << 20));
      }

      String next = raw.handshake();
      raw.post(next, join);
      raw.post(next, RawClient.chunk(new byte[4000]));
      raw.post(next, RawClient.chunk(new byte[4000]));
      raw.post(next, stop);

      String told = raw.get(next).body();
      assertThat(told.split("received chunk", -1)).as(told).hasSize(2);
      assertThat(told).contains("Recording is too long", "result_file_path");
      long bytes = Files.size(file);
      assertThat(bytes).isLessThan(0xFFFF_FFFFL);
      try (RandomAccessFile saved = new RandomAccessFile(file.toFile(), "r")) {
        saved.seek(40);
        assertThat(Integer.toUnsignedLong(Integer.reverseBytes(saved.readInt())))
            .isEqualTo(bytes - 44);
      }
    }
  }

  @Test
  void aRefusedClientOfAnEarlierRecordingLeavesNothingOpen() throws Exception {
    try (SocketIoServer gateway = new SocketIoServer(folder, Map.of())) {
      RawClient raw = new RawClient(gateway);
      String join = "40/streaming,{\"session_id\":\"again\"}";
      String first = raw.handshake();
      raw.post(first, join);
      raw.post(first, RawClient.chunk(new byte[400]));
      raw.post(first, "42/streaming,[\"stop_recording\"]");
      assertThat(openFiles()).isEmpty();
      gateway
          .transcripts()
          .refuse(
              new SessionRefusedException(
                  SessionRefusedException.Reason.OVERLOADED, "too many", Duration.ofSeconds(7)));
      for (int attempt = 0; attempt < 3; attempt++) {
        String refused = raw.handshake();
        raw.post(refused, join);
        assertThat(raw.get(refused).body()).contains("too many");
      }
      assertThat(openFiles()).isEmpty();
      assertThat(gateway.pcm("again")).hasSize(400);
    }
  }

  @Test
  void aRefusedClientOfANewRecordingLeavesNoFile() throws Exception {
    try (SocketIoServer gateway = new SocketIoServer(folder, Map.of())) {
      gateway
          .transcripts()
          .refuse(
              new SessionRefusedException(
                  SessionRefusedException.Reason.STORE_UNAVAILABLE,
                  "its erasure is not complete",
                  Duration.ofSeconds(5)));
      RawClient raw = new RawClient(gateway);
      String refused = raw.handshake();
      raw.post(refused, "40/streaming,{\"session_id\":\"erased\"}");
      assertThat(raw.get(refused).body()).contains("its erasure is not complete");

      assertThat(files(folder.resolve("storage"))).isEmpty();
    }
  }

  @Test
  void aRecordingThatFindsNoSpaceLeavesNoOwner() throws Exception {
    Path full = Files.createDirectories(folder.resolve("full"));
    Path other = Files.write(full.resolve("other.wav"), new byte[10]);
    StorageSettings d = StorageSettings.defaults();
    StorageSettings oneByte =
        new StorageSettings(
            d.minFree(),
            d.keepSessions(),
            d.keepStrangersSessions(),
            d.keepRecordings(),
            1,
            d.maxDatabase(),
            d.maxUploads(),
            d.keepErasures());
    try (SocketIoServer gateway = new SocketIoServer(folder, Map.of())) {
      Recordings recordings =
          new Recordings(
              gateway.server().bean(SocketIoSettings.class),
              new RecordingFolder(full, RecordingFile.ON_DISK, oneByte),
              gateway.transcripts(),
              gateway.server().bean(Ffmpeg.class),
              new RecordingMeters(new SimpleMeterRegistry()));
      RecordingRequest request =
          new RecordingRequest(
              Optional.empty(),
              new RecordingRequest.Pcm16(),
              8000,
              1,
              false,
              RecognitionRequest.DEFAULT);

      assertThatThrownBy(
              () -> recordings.recording("mine", Optional.of("alice"), request, Optional.empty()))
          .isInstanceOf(StorageFullException.class);

      assertThat(files(full)).containsExactly(other);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  /** Files of this process that lie in the folder and are open. */
  private List<Path> openFiles() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors
          .flatMap(
              link -> {
                try {
                  return Stream.of(Files.readSymbolicLink(link));
                } catch (IOException closedMeanwhile) {
                  return Stream.empty();
                }
              })
          .filter(file -> file.startsWith(folder) && file.toString().endsWith(".wav"))
          .toList();
    }
  }
}
