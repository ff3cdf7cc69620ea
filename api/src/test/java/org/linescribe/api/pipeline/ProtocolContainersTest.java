package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.BundledFfmpeg;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.files.Form;
import org.linescribe.testsupport.HumanRecording;
import tools.jackson.databind.JsonNode;

/** Recordings in containers by the protocols of other systems that allow them. */
class ProtocolContainersTest {
  @RegisterExtension static final ProtocolGateway GATEWAY = new ProtocolGateway();
  @TempDir private static Path folder;

  private static final HumanRecording RECORDING = HumanRecording.named("pin-jackson-1.wav");

  private static byte[] file(String suffix, String options) throws Exception {
    return BundledFfmpeg.encoded(
        RECORDING.file(), 1, folder.resolve("a." + suffix), options.split(" "));
  }

  /** In pieces as a program reads them of a file, which end anywhere. */
  private static void sendInPieces(WebSocketClient client, byte[] file) {
    for (int at = 0; at < file.length; at += 4001) {
      client.send(Arrays.copyOfRange(file, at, Math.min(file.length, at + 4001)));
    }
  }

  private static void assertHeard(String session) {
    assertThat(RECORDING.errors(GATEWAY.gateway().text(session))).isLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "webm, -c:a libopus",
    "ogg, -c:a libopus",
    "mp3, -ar 44100",
    "flac, -ar 48000",
    "wav, -ar 16000",
    "m4a, -c:a aac -movflags +faststart",
    "m4a, -c:a aac"
  })
  void areHeardByDeepgramVoskAndOpenAi(String suffix, String options) throws Exception {
    byte[] file = file(suffix, options);
    String id = suffix + options.length();

    try (WebSocketClient deepgram =
        WebSocketClient.connect(GATEWAY.ws("/v1/listen?session_id=deepgram-" + id))) {
      sendInPieces(deepgram, file);
      deepgram.send("{\"type\":\"CloseStream\"}");
      assertThat(deepgram.closed().code()).isEqualTo(1000);
    }
    assertHeard("deepgram-" + id);

    try (WebSocketClient vosk =
        WebSocketClient.connect(GATEWAY.ws("/vosk?session_id=vosk-" + id))) {
      sendInPieces(vosk, file);
      vosk.send("{\"eof\" : 1}");
      assertThat(vosk.closed().code()).isEqualTo(1000);
    }
    assertHeard("vosk-" + id);

    JsonNode ofFile = deepgramFile("deepgram-file-" + id, file);
    assertThat(
            RECORDING.errors(ofFile.at("/results/channels/0/alternatives/0/transcript").asString()))
        .isLessThanOrEqualTo(1);
    assertHeard("deepgram-file-" + id);

    HttpResponse<String> openAi =
        new Form()
            .field("model", "whisper-1")
            .field("session_id", "openai-file-" + id)
            .file("file", "a." + suffix, file)
            .post(GATEWAY.http("/v1/audio/transcriptions"));
    assertThat(openAi.statusCode()).as(openAi.body()).isEqualTo(200);
    assertHeard("openai-file-" + id);
  }

  private static JsonNode deepgramFile(String session, byte[] file) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(GATEWAY.http("/v1/listen?session_id=" + session)))
                  .POST(HttpRequest.BodyPublishers.ofByteArray(file))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return HttpAnswers.json(answer.body());
    }
  }

  /** The finals of a second file have the numbers after those of the first. */
  @ParameterizedTest
  @CsvSource({"deepgram", "openai"})
  void aSecondFileOfASessionGoesOnAtTheNextNumber(String protocol) throws Exception {
    String id = "two-files-" + protocol;
    byte[] wav = RECORDING.wav();
    for (int attempt = 1; attempt <= 2; attempt++) {
      if (protocol.equals("deepgram")) {
        deepgramFile(id, wav);
      } else {
        HttpResponse<String> answer =
            new Form()
                .field("model", "whisper-1")
                .field("session_id", id)
                .file("file", "a.wav", wav)
                .post(GATEWAY.http("/v1/audio/transcriptions"));
        assertThat(answer.headers().firstValue("X-Session-Id")).hasValue(id);
        assertThat(RECORDING.errors(json(answer.body()).get("text").asString()))
            .as("of this file only")
            .isLessThanOrEqualTo(1);
      }
      assertThat(GATEWAY.gateway().text(id).split(" "))
          .hasSize(attempt * RECORDING.words().split(" ").length);
    }
    assertThat(GATEWAY.gateway().segments(id).getLast().seq())
        .isEqualTo(GATEWAY.gateway().segments(id).size());
  }
}
