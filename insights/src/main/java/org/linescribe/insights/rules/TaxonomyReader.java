package org.linescribe.insights.rules;

import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads a taxonomy from YAML and validates it against its schema ({@code taxonomy.schema.json}).
 *
 * <p>Errors: {@link IllegalArgumentException} that names the file, the JSON pointer of each defect
 * and what is expected there.
 */
public final class TaxonomyReader {
  private static final long MAX_BYTES = 1 << 20;
  private static final int MAX_ERRORS = 10;
  private static final String BUNDLED = "bundled taxonomy.yaml";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS).build();

  private TaxonomyReader() {}

  /** The taxonomy that comes with the program. A test validates it, no start. */
  public static Taxonomy bundled() {
    return taxonomy(tree(bundledYaml(), BUNDLED), BUNDLED);
  }

  static String bundledYaml() {
    return resource("taxonomy.yaml");
  }

  public static Taxonomy read(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw defect(file.toString(), size + " bytes (expected: at most " + MAX_BYTES + ")", null);
      }
      return read(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw defect(file.toString(), "cannot be read (" + e + ")", e);
    }
  }

  private static JsonNode tree(String yaml, String name) {
    try {
      // The schema knows JSON's types only; a YAML tree may hold others (dates, binary).
      return JSON.readTree(YAMLMapper.shared().readTree(yaml).toString());
    } catch (JacksonException e) {
      throw defect(name, "not YAML: " + e.getOriginalMessage(), e);
    }
  }

  static Taxonomy read(String yaml, String name) {
    JsonNode plain = tree(yaml, name);
    List<Error> errors =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(resource("taxonomy.schema.json"))
            .validate(plain);
    if (!errors.isEmpty()) {
      throw defect(
          name,
          errors.stream()
              .limit(MAX_ERRORS)
              .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
              .collect(Collectors.joining("; ")),
          null);
    }
    return taxonomy(plain, name);
  }

  private static Taxonomy taxonomy(JsonNode plain, String name) {
    Taxonomy taxonomy = JSON.treeToValue(plain, Taxonomy.class);
    check(taxonomy, name);
    return taxonomy;
  }

  private static String resource(String name) {
    try (InputStream in = TaxonomyReader.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Checks what a schema cannot express: unique ids, and that a currency's code exists. */
  private static void check(Taxonomy taxonomy, String name) {
    unique(name, "categories", taxonomy.categories().stream().map(Taxonomy.Category::id).toList());
    unique(name, "qa", taxonomy.qa().stream().map(Taxonomy.Check::id).toList());
    taxonomy
        .currencies()
        .forEach(
            (word, code) -> {
              if (!MoneyFinder.isCurrency(code)) {
                throw defect(
                    name,
                    "/currencies/" + word + ": " + code + " (expected: an ISO 4217 code)",
                    null);
              }
            });
  }

  private static void unique(String name, String list, List<String> ids) {
    Set<String> seen = new HashSet<>();
    for (String id : ids) {
      if (!seen.add(id)) {
        throw defect(name, "/" + list + ": id '" + id + "' twice (expected: once)", null);
      }
    }
  }

  private static IllegalArgumentException defect(String name, String what, Exception cause) {
    return new IllegalArgumentException("taxonomy " + name + ": " + what, cause);
  }
}
