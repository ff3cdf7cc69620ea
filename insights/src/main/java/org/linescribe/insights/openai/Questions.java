package org.linescribe.insights.openai;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The questions that the model is asked, from {@code questions.yaml}: for each its prompt, which a
 * setting may replace, and the JSON schema of its answer. The schemas keep to the subset that
 * strict structured outputs allow: every property is required and no other is permitted.
 */
final class Questions {
  private static final Map<String, Question> ALL = read();

  private Questions() {}

  /**
   * @param choices the values that the schema's {@code CHOICES} stands for
   */
  record Question(String name, String prompt, ObjectNode schema) {
    Question with(Map<String, String> values, Collection<String> choices) {
      String filled = prompt;
      for (Map.Entry<String, String> value : values.entrySet()) {
        filled = filled.replace("{" + value.getKey() + "}", value.getValue());
      }
      String list = JsonMapper.shared().writeValueAsString(List.copyOf(choices));
      String json = schema.toString().replace("[\"CHOICES\"]", list);
      return new Question(name, filled, (ObjectNode) JsonMapper.shared().readTree(json));
    }
  }

  static Set<String> names() {
    return ALL.keySet();
  }

  static Question of(String name, OpenAiSettings settings) {
    Question bundled = ALL.get(name);
    String prompt = settings.prompts().getOrDefault(name, bundled.prompt());
    return new Question(name, prompt, bundled.schema());
  }

  private static Map<String, Question> read() {
    record Entry(String prompt, ObjectNode schema) {}
    try (InputStream in = Questions.class.getResourceAsStream("questions.yaml")) {
      Map<String, Question> all = new TreeMap<>();
      YAMLMapper.shared()
          .readValue(in, new TypeReference<Map<String, Entry>>() {})
          .forEach(
              (name, entry) ->
                  all.put(name, new Question(name, entry.prompt().strip(), entry.schema())));
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
