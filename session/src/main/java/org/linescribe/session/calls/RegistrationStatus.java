package org.linescribe.session.calls;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An account of this gateway at a registrar.
 *
 * @param account its address of record without the scheme, USER@DOMAIN
 * @param registrar its URI
 * @param state how the last REGISTER went
 * @param code of the registrar's last answer; empty where none came
 * @param registeredUntil when the binding ends, unless it is refreshed; empty where none stands
 * @param nextAt when the gateway sends the next REGISTER; empty while it waits for an answer
 */
public record RegistrationStatus(
    String account,
    String registrar,
    State state,
    OptionalInt code,
    Optional<Instant> registeredUntil,
    Optional<Instant> nextAt) {

  /** In the words of the APIs: in lower case. */
  public enum State {
    /** No answer came yet. */
    REGISTERING,
    REGISTERED,
    /** The registrar answered otherwise than with 200. */
    REFUSED,
    UNANSWERED
  }
}
