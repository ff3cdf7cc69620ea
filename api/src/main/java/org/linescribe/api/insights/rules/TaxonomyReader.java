package org.linescribe.api.insights.rules;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.linescribe.api.insights.Entity;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads a taxonomy from YAML and holds it against its schema ({@code taxonomy.schema.json}).
 *
 * <p>Errors: {@link IllegalArgumentException} that names the file, each wrong place and what is
 * expected there.
 */
public final class TaxonomyReader {
  private static final long MAX_BYTES = 1 << 20;
  private static final int MAX_ERRORS = 10;

  private TaxonomyReader() {}

  /** The taxonomy that comes with the program. */
  public static Taxonomy bundled() {
    return read(resource("taxonomy.yaml"), "bundled taxonomy.yaml");
  }

  public static Taxonomy read(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new IllegalArgumentException(
            "taxonomy " + file + ": " + size + " bytes (expected: at most " + MAX_BYTES + ")");
      }
      return read(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new IllegalArgumentException("taxonomy " + file + ": cannot be read (" + e + ")", e);
    }
  }

  private static Taxonomy read(String yaml, String name) {
    JsonNode tree;
    try {
      tree = YAMLMapper.shared().readTree(yaml);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "taxonomy " + name + ": not YAML: " + e.getOriginalMessage(), e);
    }
    // The schema knows JSON's types only; a YAML tree may hold others (dates, binary).
    JsonNode plain = JsonMapper.shared().readTree(tree.toString());
    List<Error> errors = schema().validate(plain);
    if (!errors.isEmpty()) {
      throw new IllegalArgumentException(
          errors.stream()
              .limit(MAX_ERRORS)
              .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
              .collect(Collectors.joining("; ", "taxonomy " + name + ": ", "")));
    }
    Taxonomy taxonomy = taxonomy(plain);
    check(taxonomy, name);
    return taxonomy;
  }

  private static Schema schema() {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(resource("taxonomy.schema.json"));
  }

  private static String resource(String name) {
    try (InputStream in = TaxonomyReader.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + ": missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Taxonomy taxonomy(JsonNode root) {
    return new Taxonomy(
        root.get("categories").valueStream().map(TaxonomyReader::category).toList(),
        root.path("qa").valueStream().map(TaxonomyReader::check).toList(),
        root.path("stop_words")
            .valueStream()
            .map(word -> lower(word.asString()))
            .collect(Collectors.toCollection(LinkedHashSet::new)),
        numbers(root.path("spoken_digits"), JsonNode::asInt),
        numbers(root.path("currencies"), JsonNode::asString));
  }

  private static Taxonomy.Category category(JsonNode node) {
    Map<Entity.Type, Double> entities = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.path("entities").properties()) {
      entities.put(
          Entity.Type.valueOf(entry.getKey().toUpperCase(Locale.ROOT)),
          entry.getValue().asDouble());
    }
    String id = node.get("id").asString();
    return new Taxonomy.Category(
        id,
        node.path("label").asString(id),
        numbers(node.path("phrases"), JsonNode::asDouble),
        entities);
  }

  private static Taxonomy.Check check(JsonNode node) {
    return new Taxonomy.Check(
        node.get("id").asString(),
        node.get("question").asString(),
        Taxonomy.Expect.valueOf(node.path("expect").asString("said").toUpperCase(Locale.ROOT)),
        node.get("any").valueStream().map(phrase -> lower(phrase.asString())).toList(),
        Taxonomy.Part.valueOf(node.path("within").asString("anywhere").toUpperCase(Locale.ROOT)),
        node.path("weight").asDouble(1));
  }

  private static <T> Map<String, T> numbers(
      JsonNode node, java.util.function.Function<JsonNode, T> value) {
    Map<String, T> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      map.put(lower(entry.getKey()), value.apply(entry.getValue()));
    }
    return map;
  }

  private static String lower(String words) {
    return words.strip().toLowerCase(Locale.ROOT);
  }

  /** What a schema cannot say: names that repeat, and codes that no currency has. */
  private static void check(Taxonomy taxonomy, String name) {
    unique(name, "categories", taxonomy.categories().stream().map(Taxonomy.Category::id).toList());
    unique(name, "qa", taxonomy.qa().stream().map(Taxonomy.Check::id).toList());
    for (Map.Entry<String, String> currency : taxonomy.currencies().entrySet()) {
      if (!MoneyFinder.isCurrency(currency.getValue())) {
        throw new IllegalArgumentException(
            "taxonomy "
                + name
                + ": /currencies/"
                + currency.getKey()
                + ": "
                + currency.getValue()
                + " (expected: an ISO 4217 code)");
      }
    }
  }

  private static void unique(String name, String list, List<String> ids) {
    Set<String> seen = new HashSet<>();
    for (String id : ids) {
      if (!seen.add(id)) {
        throw new IllegalArgumentException(
            "taxonomy " + name + ": /" + list + ": id '" + id + "' twice (expected: once)");
      }
    }
  }
}
