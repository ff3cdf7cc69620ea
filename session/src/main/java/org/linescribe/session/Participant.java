package org.linescribe.session;

import java.util.Optional;

/**
 * The person or device that speaks on a leg.
 *
 * @param name display name, at most 128 characters, empty where nobody gave one
 * @param aor address of record, "sip:alice@example.com" or "tel:+15550100", at most 255 characters,
 *     empty where unknown
 * @param role whether it placed the call or answered it, where that is known
 */
public record Participant(String name, String aor, Optional<Role> role) {
  private static final int MAX_NAME_CHARACTERS = 128;
  private static final int MAX_AOR_CHARACTERS = 255;

  /** Side of the call. */
  public enum Role {
    CALLER,
    CALLEE
  }

  /** What is too long is cut: it comes from a stranger and must not end a call. */
  public Participant {
    name = cut(name.strip(), MAX_NAME_CHARACTERS);
    aor = cut(aor.strip(), MAX_AOR_CHARACTERS);
  }

  private static String cut(String text, int max) {
    if (text.length() <= max) {
      return text;
    }
    return text.substring(0, Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : max);
  }

  /** "Alice &lt;sip:alice@example.com&gt;", or the part that is known. */
  public String text() {
    if (name.isEmpty() || aor.isEmpty()) {
      return name + aor;
    }
    return name + " <" + aor + ">";
  }
}
