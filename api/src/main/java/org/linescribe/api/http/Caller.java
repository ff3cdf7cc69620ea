package org.linescribe.api.http;

import java.security.Principal;
import java.util.Map;
import java.util.Optional;

/**
 * Who makes a request, where {@code api.access} has asked; an attribute of the exchange. Whatever
 * stays open for a caller, a WebSocket or a response, takes one of its permits.
 *
 * <p>Thread: any.
 */
public interface Caller extends Principal {
  /** The exchange's attribute; absent where no key was asked for. */
  String ATTRIBUTE = "org.linescribe.api.http.Caller";

  /** The name of an exchange's caller; empty where no key is required. */
  static Optional<String> nameIn(Map<String, Object> attributes) {
    return attributes.get(ATTRIBUTE) instanceof Caller caller
        ? Optional.of(caller.getName())
        : Optional.empty();
  }

  /** The owner of what the caller sends: the name of its key where no other was given. */
  @Override
  String getName();

  /** Whether the caller sees what others sent. */
  boolean seesAll();

  /**
   * Takes a permit.
   *
   * @return false when all are taken; otherwise {@link #leave} must follow, once
   */
  boolean enter();

  /** Gives a permit back. */
  void leave();
}
