package org.linescribe.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line's words for the settings that most people touch, and the way to all others. Good
 * for one command line.
 */
final class ServeOptions {
  private final Map<String, String> settings = new LinkedHashMap<>();

  @Spec(Spec.Target.MIXEE)
  CommandSpec command = CommandSpec.create();

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      description = "HTTP and WebSocket (default 127.0.0.1:8000; port 0: any free one)")
  void http(String address) {
    settings.put("linescribe.http", address);
  }

  @Option(
      names = "--sip",
      paramLabel = "HOST:PORT",
      description = "SIP by UDP and TCP (default 127.0.0.1:5060; port 0: any free one)")
  void sip(String address) {
    settings.put("linescribe.sip.bind", address);
  }

  @Option(
      names = "--rtp-ports",
      paramLabel = "LO-HI",
      description = "UDP ports for media (default 20000-29999; 0: any free ones)")
  void rtpPorts(String range) {
    settings.put("linescribe.rtp.ports", range);
  }

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "where the embedded database, models and the outbox live (default ./data)")
  void data(String folder) {
    settings.put("linescribe.data", folder);
  }

  @Option(
      names = "--mysql",
      paramLabel = "JDBC-URL",
      description =
          "keep transcripts in MySQL or MariaDB, e.g. jdbc:mysql://db/linescribe?user=… (default:"
              + " embedded)")
  void mysql(String url) {
    settings.put("linescribe.mysql.url", url);
  }

  @Option(
      names = "--redis",
      paramLabel = "URL",
      description = "share live transcripts by Redis, e.g. redis://host:6379 (default: in process)")
  void redis(String url) {
    settings.put("linescribe.redis.url", url);
  }

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "a model of the catalogue (default moonshine-tiny-en): linescribe models list")
  void model(String name) {
    settings.put("linescribe.model.name", name);
  }

  @Option(
      names = "--model-dir",
      paramLabel = "DIR",
      description = "a sherpa-onnx model in a folder of yours, streaming or of whole utterances")
  void modelDir(String folder) {
    settings.put("linescribe.model.dir", folder);
  }

  @Option(
      names = "--final-model",
      paramLabel = "NAME",
      description =
          "a model of whole utterances for the text of finals, behind a streaming --model")
  void finalModel(String name) {
    settings.put("linescribe.model.final-name", name);
  }

  @Option(
      names = "--final-model-dir",
      paramLabel = "DIR",
      description = "the same in a folder of yours")
  void finalModelDir(String folder) {
    settings.put("linescribe.model.final-dir", folder);
  }

  @Option(names = "--config", paramLabel = "FILE", description = "settings of yours, YAML")
  void config(Path file) {
    String name = String.valueOf(file.getFileName());
    if (!name.matches(".+\\.(yaml|yml|properties)") || !Files.isReadable(file)) {
      throw new ParameterException(
          command.commandLine(),
          "--config: '" + file + "' (expected: a .yaml or .properties file that can be read)");
    }
    settings.put("spring.config.additional-location", file.toAbsolutePath().toString());
  }

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "any other setting, e.g. --set linescribe.session.endpoint-silence=600ms")
  Map<String, String> others = new LinkedHashMap<>();

  /** Whether the user said something that may bear on a setting: here, by name, or in a file. */
  boolean mayName(String key) {
    return settings.containsKey(key)
        || settings.containsKey("spring.config.additional-location")
        || others.containsKey(key)
        || System.getenv(Settings.environmentName(key)) != null;
  }

  /** The settings as Spring's command-line arguments, which outrank environment and files. */
  List<String> arguments() {
    Map<String, String> all = new LinkedHashMap<>(settings);
    others.forEach(
        (key, value) -> {
          if (key.isBlank()) {
            throw new ParameterException(
                command.commandLine(), "--set: '=" + value + "' (expected: KEY=VALUE)");
          }
          all.put(key, value);
        });
    return all.entrySet().stream()
        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
        .toList();
  }
}
