package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.testsupport.HumanRecording;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A file whose insights come from an endpoint that speaks OpenAI's protocol. */
class TranslatedFileTest {
  private static final HumanRecording PHONE = HumanRecording.named("phone-theo-2.wav");

  @TempDir Path folder;

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request = JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
      String step = request.at("/response_format/json_schema/name").asString();
      String said = request.at("/messages/1/content").asString();
      ObjectNode content = JsonMapper.shared().createObjectNode();
      switch (step) {
        case "translation" -> content.put("translation", said.toLowerCase(java.util.Locale.ROOT));
        case "entities" -> content.putArray("entities");
        case "classification" -> {
          content.put("category", "callback").put("confidence", 0.9);
          content.putArray("key_phrases").add("a number");
        }
        case "summary" -> content.put("summary", "A number is told.");
        default -> {
          exchange.sendResponseHeaders(400, -1);
          return;
        }
      }
      ObjectNode root = JsonMapper.shared().createObjectNode();
      root.putArray("choices")
          .addObject()
          .put("finish_reason", "stop")
          .putObject("message")
          .put("content", content.toString());
      byte[] body = root.toString().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Test
  void translatesInPartsAndReportsAStepThatFailedWithoutLosingTheOthers() throws Exception {
    HttpServer endpoint =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    endpoint.createContext("/v1/chat/completions", TranslatedFileTest::answer);
    endpoint.start();
    Map<String, Object> settings =
        Map.of(
            "linescribe.insights.provider",
            "openai",
            "linescribe.insights.openai.base-url",
            "http://127.0.0.1:" + endpoint.getAddress().getPort() + "/v1",
            "linescribe.insights.openai.api-key",
            "sk-test",
            "linescribe.insights.openai.model",
            "test",
            "linescribe.insights.openai.temperature",
            "0.2",
            "linescribe.insights.openai.chunk-chars",
            "200");
    try (FilesGateway gateway = new FilesGateway(folder, settings)) {
      List<JsonNode> events =
          new Form()
              .audio("call.wav", PHONE.wav()).field("language", "sw").stream(
                  gateway.server().http("/audio/process-stream-realtime"));

      JsonNode last = events.getLast();
      assertThat(last.get("status").asString()).as(last.toString()).isEqualTo("completed");
      JsonNode result = last.get("result");
      String translation = result.get("translation").asString();
      assertThat(PHONE.errors(translation.toUpperCase(java.util.Locale.ROOT)))
          .isLessThanOrEqualTo(1);
      JsonNode partial =
          events.stream()
              .filter(e -> e.path("step").asString("").equals("translation_partial"))
              .findFirst()
              .orElseThrow();
      assertThat(partial.at("/partial_result/translation_chunk").asString())
          .isEqualTo(partial.at("/partial_result/cumulative_translation").asString())
          .isEqualTo(translation);
      assertThat(partial.properties().stream().map(Map.Entry::getKey))
          .containsExactly("task_id", "step", "progress", "partial_result", "timestamp");
      assertThat(result.at("/classification/category").asString()).isEqualTo("callback");
      assertThat(result.get("summary").asString()).isEqualTo("A number is told.");
      assertThat(result.get("qa_evaluations").isNull()).isTrue();
      assertThat(result.at("/steps/qa_evaluation/status").asString()).isEqualTo("failed");
      assertThat(result.at("/steps/qa_evaluation/reason").asString()).contains("HTTP 400");
    } finally {
      endpoint.stop(0);
    }
  }
}
