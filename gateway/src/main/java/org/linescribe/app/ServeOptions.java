package org.linescribe.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The command line's words for the settings that most people touch. */
final class ServeOptions {
  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      description = "HTTP and WebSocket (default 127.0.0.1:8000; port 0: any free one)")
  @Nullable String http;

  @Option(
      names = "--sip",
      paramLabel = "HOST:PORT",
      description = "SIP by UDP and TCP (default 127.0.0.1:5060)")
  @Nullable String sip;

  @Option(
      names = "--rtp-ports",
      paramLabel = "LO-HI",
      description = "UDP ports for media (default 20000-29999)")
  @Nullable String rtpPorts;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "where the embedded database, models and the outbox live (default ./data)")
  @Nullable String data;

  @Option(
      names = "--mysql",
      paramLabel = "JDBC-URL",
      description =
          "keep transcripts in MySQL or MariaDB, e.g. jdbc:mysql://db/linescribe?user=… (default:"
              + " embedded)")
  @Nullable String mysql;

  @Option(
      names = "--redis",
      paramLabel = "URL",
      description = "share live transcripts by Redis, e.g. redis://host:6379 (default: in process)")
  @Nullable String redis;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "a model of the catalogue: linescribe models list")
  @Nullable String model;

  @Option(
      names = "--model-dir",
      paramLabel = "DIR",
      description = "a sherpa-onnx streaming model in a folder of yours")
  @Nullable String modelDir;

  @Option(names = "--config", paramLabel = "FILE", description = "an application.yaml of yours")
  @Nullable String config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "any other setting, e.g. --set linescribe.session.endpoint-silence=600ms")
  Map<String, String> others = new LinkedHashMap<>();

  /** The settings as Spring's command-line arguments, which outrank environment and files. */
  List<String> arguments() {
    Map<String, String> settings = new LinkedHashMap<>();
    put(settings, "linescribe.http", http);
    put(settings, "linescribe.sip.bind", sip);
    put(settings, "linescribe.rtp.ports", rtpPorts);
    put(settings, "linescribe.data", data);
    put(settings, "linescribe.mysql.url", mysql);
    put(settings, "linescribe.redis.url", redis);
    put(settings, "linescribe.model.name", model);
    put(settings, "linescribe.model.dir", modelDir);
    put(settings, "spring.config.additional-location", config);
    settings.putAll(others);
    return settings.entrySet().stream()
        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
        .toList();
  }

  private static void put(Map<String, String> settings, String key, @Nullable String value) {
    if (value != null) {
      settings.put(key, value);
    }
  }
}
