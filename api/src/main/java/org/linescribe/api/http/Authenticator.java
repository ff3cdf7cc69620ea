package org.linescribe.api.http;

import java.util.List;

/** Checks keys that come in a message instead of a request's head; a bean of {@code api.access}. */
public interface Authenticator {
  /** Asks nobody for a key. */
  Authenticator OFF =
      new Authenticator() {
        @Override
        public boolean isRequired() {
          return false;
        }

        @Override
        public Caller authenticate(String key) {
          throw new IllegalStateException("no key is required");
        }

        @Override
        public List<KeySummary> keys() {
          return List.of();
        }
      };

  boolean isRequired();

  /**
   * Whose key it is, to send audio; counts against the key's rate.
   *
   * @throws RefusedRequestException 401 for no key or an unknown one, 403 for a key that may not
   *     send audio, 429 beyond the key's rate
   */
  Caller authenticate(String key);

  /** The keys that are let in. */
  List<KeySummary> keys();
}
