package org.linescribe.api.system;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.linescribe.session.calls.LineStatus;
import org.linescribe.session.calls.RegistrationStatus;
import org.linescribe.session.calls.TrunkStatus;

/** The trunks and the registrations, for operators. */
record LineBody(List<TrunkBody> trunks, List<RegistrationBody> registrations) {
  /** See {@link TrunkStatus}. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record TrunkBody(
      String name,
      int calls,
      int maxCalls,
      long refused,
      Optional<Instant> lastRefusedAt,
      Optional<String> lastRefusal,
      Optional<PeerBody> peer) {}

  /** See {@link TrunkStatus.Peer}. */
  record PeerBody(String state, int code, Instant since) {}

  /** See {@link RegistrationStatus}. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record RegistrationBody(
      String account,
      String registrar,
      String state,
      Optional<Integer> code,
      Optional<Instant> registeredUntil,
      Optional<Instant> nextAt) {}

  static LineBody of(LineStatus line) {
    return new LineBody(
        line.trunks().stream().map(LineBody::of).toList(),
        line.registrations().stream().map(LineBody::of).toList());
  }

  private static TrunkBody of(TrunkStatus trunk) {
    return new TrunkBody(
        trunk.name(),
        trunk.calls(),
        trunk.maxCalls(),
        trunk.refused(),
        trunk.lastRefusal().map(TrunkStatus.Refusal::at),
        trunk.lastRefusal().map(TrunkStatus.Refusal::reason),
        trunk.peer().map(p -> new PeerBody(p.isUp() ? "up" : "down", p.code(), p.since())));
  }

  private static RegistrationBody of(RegistrationStatus registration) {
    return new RegistrationBody(
        registration.account(),
        registration.registrar(),
        registration.state().name().toLowerCase(Locale.ROOT),
        registration.code().stream().boxed().findFirst(),
        registration.registeredUntil(),
        registration.nextAt());
  }
}
