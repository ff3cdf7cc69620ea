package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The models that are known by name, from {@code models.yaml}. Immutable; thread: any. */
public final class ModelCatalogue {
  private final Map<String, ModelDescription> models = new LinkedHashMap<>();

  private ModelCatalogue(Map<?, ?> document) {
    for (Object entry : list(document, "models")) {
      ModelDescription model = describe(map(entry, "models"));
      if (models.put(model.name(), model) != null) {
        throw new IllegalArgumentException("models.yaml: " + model.name() + " is there twice");
      }
    }
  }

  /** The catalogue that comes with the program, read once. */
  public static ModelCatalogue bundled() {
    return Bundled.CATALOGUE;
  }

  private static final class Bundled {
    static final ModelCatalogue CATALOGUE = readBundled();
  }

  private static ModelCatalogue readBundled() {
    try (InputStream in =
        ModelCatalogue.class.getClassLoader().getResourceAsStream("models/models.yaml")) {
      if (in == null) {
        throw new IllegalStateException("resource models/models.yaml: missing");
      }
      return read(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ModelCatalogue read(InputStream yaml) {
    Object document = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
    return new ModelCatalogue(map(document, "models.yaml"));
  }

  public List<ModelDescription> models() {
    return List.copyOf(models.values());
  }

  public Optional<ModelDescription> find(String name) {
    return Optional.ofNullable(models.get(name));
  }

  /**
   * @throws IllegalArgumentException when no model has that name; the message lists those there are
   */
  public ModelDescription require(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "model: "
                        + name
                        + " (expected: one of "
                        + String.join(", ", models.keySet())
                        + ")"));
  }

  private static ModelDescription describe(Map<?, ?> entry) {
    Map<String, ModelDescription.ModelFile> files = new HashMap<>();
    map(entry.get("files"), "files")
        .forEach((role, file) -> files.put(String.valueOf(role), file(map(file, "files"))));
    Object archive = entry.get("archive");
    return new ModelDescription(
        text(entry, "name"),
        text(entry, "language"),
        entry.get("languages") == null
            ? List.of()
            : list(entry, "languages").stream().map(String::valueOf).toList(),
        number(entry, "sample-rate-hz"),
        ModelType.of(text(entry, "type")),
        files,
        archive == null ? Optional.empty() : Optional.of(archive(map(archive, "archive"))),
        Boolean.TRUE.equals(entry.get("bundled")),
        number(entry, "about-megabytes"),
        text(entry, "licence"),
        text(entry, "source"),
        Duration.ofMillis(number(entry, "endpoint-ms")),
        text(entry, "decoding"));
  }

  private static ModelDescription.ModelFile file(Map<?, ?> file) {
    Object bytes = file.get("bytes");
    return new ModelDescription.ModelFile(
        text(file, "name"),
        optionalText(file, "sha256"),
        bytes instanceof Number n ? Optional.of(n.longValue()) : Optional.empty());
  }

  private static ModelDescription.Archive archive(Map<?, ?> archive) {
    return new ModelDescription.Archive(
        URI.create(text(archive, "url")), optionalText(archive, "sha256"));
  }

  private static Map<?, ?> map(@Nullable Object value, String what) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new IllegalArgumentException("models.yaml: " + what + ": expected a mapping");
  }

  private static List<?> list(Map<?, ?> map, String key) {
    if (map.get(key) instanceof List<?> list) {
      return list;
    }
    throw new IllegalArgumentException("models.yaml: " + key + ": expected a list");
  }

  private static String text(Map<?, ?> map, String key) {
    return optionalText(map, key)
        .orElseThrow(() -> new IllegalArgumentException("models.yaml: no " + key + " in " + map));
  }

  private static Optional<String> optionalText(Map<?, ?> map, String key) {
    Object value = map.get(key);
    return value == null ? Optional.empty() : Optional.of(value.toString());
  }

  private static int number(Map<?, ?> map, String key) {
    if (map.get(key) instanceof Integer number) {
      return number;
    }
    throw new IllegalArgumentException("models.yaml: " + key + ": expected a number in " + map);
  }
}
