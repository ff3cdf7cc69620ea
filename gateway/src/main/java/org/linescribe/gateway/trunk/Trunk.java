package org.linescribe.gateway.trunk;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sip.PeerUri;
import org.linescribe.gateway.srtp.SrtpMode;
import org.linescribe.settings.SettingsCheck;

/**
 * A party that may call: told by its address, the domain that it calls, its credentials, or by more
 * than one of these.
 *
 * @param name 1 to 64 of A-Z a-z 0-9 . _ -, for logs and as owner of its sessions
 * @param addresses networks as ADDRESS/PREFIX, or single addresses; empty: any
 * @param domains hosts of the Request-URI; empty: any
 * @param username of the digest that it must prove; empty: none
 * @param password of that user; or
 * @param passwordFile a file that holds it
 * @param maxCalls at once; 0: only the gateway's own limit
 * @param callsPerSecond new calls; 0: no limit
 * @param srtp encryption of its media; null: as {@code linescribe.rtp.srtp} says
 * @param options {@code sip:HOST[:PORT][;transport=…]} that is asked by OPTIONS whether it is
 *     there; empty: nobody is
 * @param optionsInterval between an answer and the next question, 5 s to an hour
 * @param refer what becomes of a REFER in its calls; null: it is refused
 * @param referTargets host names, addresses and networks that it may name there besides its own
 */
public record Trunk(
    @Nullable String name,
    @Nullable List<String> addresses,
    @Nullable List<String> domains,
    @Nullable String username,
    @Nullable String password,
    @Nullable String passwordFile,
    int maxCalls,
    int callsPerSecond,
    @Nullable SrtpMode srtp,
    @Nullable String options,
    @Nullable Duration optionsInterval,
    @Nullable Refer refer,
    @Nullable List<String> referTargets) {
  /** What becomes of a REFER. */
  public enum Refer {
    REFUSE,
    FOLLOW
  }

  private static final String KEY = "linescribe.line.trunks";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  public Trunk {
    name = Objects.requireNonNullElse(name, "");
    SettingsCheck.require(
        NAME.matcher(name).matches(),
        KEY + ".name",
        "'" + name + "'",
        "1 to 64 of A-Z a-z 0-9 . _ -");
    addresses = addresses == null ? List.of() : List.copyOf(addresses);
    addresses.forEach(Trunk::network);
    domains =
        domains == null
            ? List.of()
            : domains.stream().map(d -> d.strip().toLowerCase(Locale.ROOT)).toList();
    username = Objects.requireNonNullElse(username, "");
    password = Objects.requireNonNullElse(password, "");
    passwordFile = Objects.requireNonNullElse(passwordFile, "");
    if (!username.isEmpty()) {
      password = Secrets.read(KEY + " of " + name, password, passwordFile);
      passwordFile = "";
    }
    SettingsCheck.require(
        maxCalls >= 0 && maxCalls <= 30_000, KEY + ".max-calls", maxCalls, "0 to 30000");
    SettingsCheck.require(
        callsPerSecond >= 0 && callsPerSecond <= 10_000,
        KEY + ".calls-per-second",
        callsPerSecond,
        "0 to 10000");
    SettingsCheck.require(
        !addresses.isEmpty() || !domains.isEmpty() || !username.isEmpty(),
        KEY + ".addresses",
        "'' of " + name,
        "at least one of addresses, domains and username");
    options = Objects.requireNonNullElse(options, "");
    SettingsCheck.require(
        options.isEmpty() || PeerUri.host(options).isPresent(),
        KEY + ".options",
        "'" + options + "'",
        PeerUri.FORM);
    optionsInterval = Objects.requireNonNullElse(optionsInterval, Duration.ofSeconds(60));
    SettingsCheck.require(
        optionsInterval.toSeconds() >= 5 && optionsInterval.toSeconds() <= 3600,
        KEY + ".options-interval",
        optionsInterval,
        "5s to 1h");
    refer = Objects.requireNonNullElse(refer, Refer.REFUSE);
    referTargets = referTargets == null ? List.of() : List.copyOf(referTargets);
    referTargets.stream()
        .filter(target -> !ReferralTargets.isName(target))
        .forEach(target -> network(KEY + ".refer-targets", target));
  }

  /** Whom its peer may have called by REFER. */
  ReferralTargets referralTargets() {
    return refer == Refer.FOLLOW
        ? ReferralTargets.of(
            Objects.requireNonNull(addresses), Objects.requireNonNull(referTargets))
        : ReferralTargets.NONE;
  }

  static IpSubnetFilterRule network(String text) {
    return network(KEY + ".addresses", text);
  }

  private static IpSubnetFilterRule network(String key, String text) {
    String[] fields = text.strip().split("/", 2);
    try {
      InetAddress address = InetAddress.ofLiteral(fields[0]);
      int bits = address.getAddress().length * 8;
      return new IpSubnetFilterRule(
          address,
          fields.length == 1 ? bits : Integer.parseInt(fields[1]),
          IpFilterRuleType.ACCEPT);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          key + ": '" + text + "' (expected: ADDRESS or ADDRESS/PREFIX)", e);
    }
  }

  /** Whether a call may be this trunk's, but for its credentials. */
  boolean mayBe(InetAddress source, String requestHost) {
    InetSocketAddress from = new InetSocketAddress(source, 0);
    return (Objects.requireNonNull(addresses).isEmpty()
            || addresses.stream().anyMatch(text -> network(text).matches(from)))
        && (Objects.requireNonNull(domains).isEmpty()
            || domains.contains(requestHost.toLowerCase(Locale.ROOT)));
  }

  String trunkName() {
    return Objects.requireNonNull(name);
  }

  /** Whether the trunk must prove its credentials. */
  boolean hasCredentials() {
    return !Objects.requireNonNull(username).isEmpty();
  }

  /** Whether its peer is asked whether it is there. */
  boolean isAsked() {
    return !Objects.requireNonNull(options).isEmpty();
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "Trunk[" + name + "]";
  }
}
