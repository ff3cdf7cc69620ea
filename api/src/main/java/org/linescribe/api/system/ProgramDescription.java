package org.linescribe.api.system;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the assembly tells of the program; a bean of it.
 *
 * @param version as {@code --version} prints it
 * @param maxSources how many sources may be open at once
 * @param addresses asked at each request, as port 0 is known late only
 * @param settings those in force, in the order of the reference; asked at each request
 */
public record ProgramDescription(
    String version,
    Instant startedAt,
    int maxSources,
    Supplier<Addresses> addresses,
    Supplier<List<SettingInForce>> settings) {

  /**
   * Where it listens, each HOST:PORT.
   *
   * @param http empty where nobody tells, as the next
   * @param sip as it is bound, over UDP and TCP
   * @param sipTransports by "udp", "tcp", "tls", "ws" and "wss", those that are on
   * @param callAt what a phone calls over UDP and TCP, likeliest first
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Addresses(
      Optional<String> http,
      Optional<String> sip,
      Map<String, String> sipTransports,
      List<String> callAt) {
    static final Addresses UNKNOWN =
        new Addresses(Optional.empty(), Optional.empty(), Map.of(), List.of());

    public Addresses {
      callAt = List.copyOf(callAt);
    }
  }

  /**
   * A setting as it counts.
   *
   * @param value without secrets
   * @param changed whether it differs from the default
   */
  public record SettingInForce(
      String key, String value, String byDefault, String meaning, boolean changed) {}
}
