package org.linescribe.app.fleet;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.linescribe.testsupport.ProjectFiles;
import org.slf4j.LoggerFactory;

/** {@code name=value} arguments of the programs, and what they share. */
final class FleetOptions {
  private final Map<String, String> values = new TreeMap<>();

  /**
   * @param known names and defaults
   */
  FleetOptions(String[] arguments, Map<String, String> known) {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    values.putAll(known);
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 0 || !known.containsKey(argument.substring(0, equals))) {
        throw new IllegalArgumentException(argument + " (expected: NAME=VALUE of " + known + ")");
      }
      values.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
  }

  String get(String name) {
    return values.get(name);
  }

  int number(String name) {
    return Integer.parseInt(values.get(name));
  }

  /** Where sessions' settings are in the way of a fleet on two cores that others use. */
  static List<String> unhurried() {
    return new ArrayList<>(
        List.of(
            "linescribe.asr.queue-bound=1m",
            "linescribe.asr.saturation-backlog=20s",
            "linescribe.session.flush-time=60s",
            // The callers are threads of this JVM: what a loaded machine holds up is not to be
            // lost.
            "linescribe.rtp.jitter-window=500ms",
            "linescribe.api.transcribe.flush-after=1h"));
  }

  FleetNetwork network() throws IOException, InterruptedException {
    return get("network").equals("loopback")
        ? FleetNetwork.loopback()
        : FleetNetwork.namespaces(number("gateways"));
  }

  /** A new folder for data and logs; it stays. */
  Path folder() throws IOException {
    return Files.createTempDirectory(
        Files.createDirectories(ProjectFiles.target().resolve("fleet")), "run-");
  }

  static List<FleetAudio> recordings() throws IOException {
    return FleetAudio.read(ProjectFiles.recorded("pin-slt.wav").getParent());
  }

  /** Of the machine over the last minute. */
  static String loadAverage() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
