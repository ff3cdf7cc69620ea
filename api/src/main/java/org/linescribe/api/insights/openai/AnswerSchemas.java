package org.linescribe.api.insights.openai;

import java.util.Collection;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the answer to each question must look like, within the subset that strict structured outputs
 * allow: every property required, none besides.
 */
final class AnswerSchemas {
  private AnswerSchemas() {}

  static ObjectNode text(String property) {
    return object().with(property, string()).node();
  }

  static ObjectNode entities(Collection<String> types) {
    ObjectNode one =
        object().with("type", oneOf(types)).with("text", string()).with("value", string()).node();
    return object().with("entities", arrayOf(one)).node();
  }

  static ObjectNode classification(Collection<String> categories) {
    ObjectNode confidence = JsonMapper.shared().createObjectNode();
    confidence.put("type", "number").put("minimum", 0).put("maximum", 1);
    return object()
        .with("category", oneOf(categories))
        .with("confidence", confidence)
        .with("key_phrases", arrayOf(string()))
        .node();
  }

  static ObjectNode evaluation(Collection<String> checks) {
    ObjectNode passed = JsonMapper.shared().createObjectNode();
    passed.put("type", "boolean");
    ObjectNode one =
        object().with("id", oneOf(checks)).with("passed", passed).with("evidence", string()).node();
    return object().with("items", arrayOf(one)).node();
  }

  private static SchemaBuilder object() {
    return new SchemaBuilder();
  }

  private static ObjectNode string() {
    return JsonMapper.shared().createObjectNode().put("type", "string");
  }

  private static ObjectNode oneOf(Collection<String> values) {
    ObjectNode schema = string();
    ArrayNode list = schema.putArray("enum");
    values.forEach(list::add);
    return schema;
  }

  private static ObjectNode arrayOf(ObjectNode item) {
    ObjectNode schema = JsonMapper.shared().createObjectNode().put("type", "array");
    schema.set("items", item);
    return schema;
  }

  private static final class SchemaBuilder {
    private final ObjectNode schema = JsonMapper.shared().createObjectNode();
    private final ObjectNode properties;
    private final ArrayNode required;

    SchemaBuilder() {
      schema.put("type", "object");
      schema.put("additionalProperties", false);
      properties = schema.putObject("properties");
      required = schema.putArray("required");
    }

    SchemaBuilder with(String name, ObjectNode property) {
      properties.set(name, property);
      required.add(name);
      return this;
    }

    ObjectNode node() {
      return schema;
    }
  }
}
