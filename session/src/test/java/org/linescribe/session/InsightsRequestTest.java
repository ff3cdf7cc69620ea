package org.linescribe.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InsightsRequestTest {
  @ParameterizedTest
  @CsvSource({
    "true,                  'entities,classification,qa,summary'",
    "false,                 ''",
    "summary;entities,      'entities,summary'",
    "true;translation,      'translation,entities,classification,qa,summary'",
    "' qa ',                qa"
  })
  void isReadFromWordsAndWrittenAsAnAttribute(String words, String attribute) {
    InsightsRequest request = InsightsRequest.of(List.of(words.split(";")));

    assertThat(request).hasToString(attribute);
    if (!request.isEmpty()) {
      assertThat(InsightsRequest.of(Map.of("route_insights", attribute))).isEqualTo(request);
    }
  }

  @Test
  void anUnknownWordIsRefusedInSettingsAndAsksForNothingInAnAttribute() {
    assertThatThrownBy(() -> InsightsRequest.of(List.of("sumary")))
        .hasMessage(
            "'sumary' (expected: true, false, or some of translation, entities, classification, qa,"
                + " summary)");
    assertThat(InsightsRequest.of(Map.of("route_insights", "sumary")).isEmpty()).isTrue();
    assertThat(InsightsRequest.of(Map.of()).isEmpty()).isTrue();
  }
}
