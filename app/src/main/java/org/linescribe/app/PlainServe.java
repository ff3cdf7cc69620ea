package org.linescribe.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads {@code serve} and options that are each spelt {@code --NAME VALUE} once, without picocli:
 * its classes are of a version that the JVM does not lay out in its cache, and reading them takes a
 * part of a start. Every other command line is picocli's, which also says what is wrong with one.
 */
final class PlainServe {
  static final String COMMAND = "serve";
  static final String CONFIG = "--config";
  static final String SET = "--set";

  /** The settings of the options; those of {@link ServeOptions}. */
  static final Map<String, String> SETTINGS =
      Map.of(
          "--http", "linescribe.http",
          "--sip", "linescribe.sip.bind",
          "--rtp-ports", "linescribe.rtp.ports",
          "--data", "linescribe.data",
          "--mysql", "linescribe.mysql.url",
          "--redis", "linescribe.redis.url",
          "--model", "linescribe.model.name",
          "--model-dir", "linescribe.model.dir",
          "--final-model", "linescribe.model.final-name",
          "--final-model-dir", "linescribe.model.final-dir");

  /** What picocli may take for something else than text begins otherwise or has quotes. */
  private static final Pattern VALUE = Pattern.compile("[^-@\"'\\\\\\s][^\"'\\\\]*");

  private static final Pattern SETTING = Pattern.compile("[a-z][a-z0-9.-]*(\\[\\d+])?[a-z0-9.-]*");

  private PlainServe() {}

  /**
   * @return as {@link ServeOptions#arguments()}; empty where picocli is to read the command line
   */
  static Optional<List<String>> arguments(String... commandLine) {
    if (commandLine.length % 2 == 0 || !commandLine[0].equals(COMMAND)) {
      return Optional.empty();
    }
    Map<String, String> settings = new LinkedHashMap<>();
    Map<String, String> others = new LinkedHashMap<>();
    Set<String> seen = new HashSet<>();
    for (int i = 1; i < commandLine.length; i += 2) {
      String name = commandLine[i];
      String value = commandLine[i + 1];
      String setting = SETTINGS.get(name);
      if (!VALUE.matcher(value).matches() || !name.equals(SET) && !seen.add(name)) {
        return Optional.empty();
      }
      if (setting != null) {
        settings.put(setting, value);
      } else if (name.equals(CONFIG) && isConfig(value)) {
        settings.put("spring.config.additional-location", absolute(value));
      } else if (!name.equals(SET) || !putOther(others, value)) {
        return Optional.empty();
      }
    }
    settings.putAll(others);
    return Optional.of(
        settings.entrySet().stream()
            .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
            .toList());
  }

  private static boolean isConfig(String file) {
    return file.matches(".+\\.(yaml|yml|properties)") && Files.isReadable(Path.of(file));
  }

  private static String absolute(String file) {
    return Path.of(file).toAbsolutePath().toString();
  }

  private static boolean putOther(Map<String, String> others, String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 0 || equals == assignment.length() - 1) {
      return false;
    }
    String key = assignment.substring(0, equals);
    return SETTING.matcher(key).matches()
        && others.put(key, assignment.substring(equals + 1)) == null;
  }
}
