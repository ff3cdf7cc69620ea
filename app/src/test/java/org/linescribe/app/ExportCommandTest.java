package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The text of an export; ErasureTest exports a whole session. */
class ExportCommandTest {
  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text.replace('\'', '"'));
  }

  @Test
  void marksStandWhereTheyWereSet() {
    List<JsonNode> segments =
        List.of(
            json("{'leg': 'caller', 'text': 'hello', 'start_ms': 100}"),
            json("{'leg': 'callee', 'text': 'good day', 'start_ms': 4000}"));
    JsonNode record =
        json("{'marks': [{'at_ms': 2000, 'text': 'complaint'}, {'at_ms': 9000, 'text': ''}]}");

    assertThat(ExportCommand.transcript(segments, record))
        .isEqualTo("caller: hello\n* complaint\ncallee: good day\n* Marked\n");
    assertThat(ExportCommand.transcript(segments, json("{}")))
        .isEqualTo("caller: hello\ncallee: good day\n");
  }
}
