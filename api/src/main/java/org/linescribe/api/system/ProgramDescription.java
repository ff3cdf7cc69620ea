package org.linescribe.api.system;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the assembly tells of the program; a bean of it.
 *
 * @param version as {@code --version} prints it
 * @param maxSources how many sources may be open at once
 * @param addresses HOST:PORT by protocol, "http" and "sip"; asked at each request, as port 0 is
 *     known late only
 * @param settings those in force, in the order of the reference; asked at each request
 */
public record ProgramDescription(
    String version,
    Instant startedAt,
    int maxSources,
    Supplier<Map<String, String>> addresses,
    Supplier<List<SettingInForce>> settings) {

  /**
   * A setting as it counts.
   *
   * @param value without secrets
   * @param changed whether it differs from the default
   */
  public record SettingInForce(
      String key, String value, String byDefault, String meaning, boolean changed) {}
}
