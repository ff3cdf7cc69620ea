package org.linescribe.api.docs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.json.JsonMapper;

/**
 * The documents and the pages' files. Nothing is read before somebody asks.
 *
 * <p>Thread: any; blocks.
 */
final class Documents {
  /** An image that ReDoc would load from its makers' host. */
  private static final String FOREIGN_LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg";

  private static final String NO_IMAGE =
      "data:image/svg+xml,%3Csvg xmlns=%27http://www.w3.org/2000/svg%27/%3E";

  private final JsonMapper json;
  private final Map<String, byte[]> asJson = new ConcurrentHashMap<>();

  Documents(JsonMapper json) {
    this.json = json;
  }

  /** A YAML document as JSON. */
  byte[] json(String name) {
    return asJson.computeIfAbsent(
        name,
        asked -> {
          Object document =
              new Yaml(new SafeConstructor(new LoaderOptions()))
                  .load(new String(bytes(asked), StandardCharsets.UTF_8));
          return json.writeValueAsBytes(document);
        });
  }

  /** A document or page as it stands. */
  static byte[] bytes(String name) {
    try (InputStream in = Documents.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in this build");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A script, style or image of the pages. */
  static byte[] asset(String name) {
    byte[] bytes = bytes("assets/" + name);
    return name.equals("redoc.standalone.js")
        ? new String(bytes, StandardCharsets.UTF_8)
            .replace(FOREIGN_LOGO, NO_IMAGE)
            .getBytes(StandardCharsets.UTF_8)
        : bytes;
  }
}
