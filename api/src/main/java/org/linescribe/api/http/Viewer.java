package org.linescribe.api.http;

import java.util.Map;
import java.util.Optional;

/**
 * Whose sessions, files and recordings a request may see. A key sees what it sent itself, and what
 * a trunk of its name did; a key with the scope admin sees everything, as does everybody where no
 * key is asked for. What a viewer does not see does not exist for it: 404, not 403.
 *
 * @param owner the only owner whose things are seen; empty where all are
 */
public record Viewer(Optional<String> owner) {
  /** Sees everything. */
  public static final Viewer ALL = new Viewer(Optional.empty());

  /** The viewer who made an exchange. */
  public static Viewer of(Map<String, Object> attributes) {
    return attributes.get(Caller.ATTRIBUTE) instanceof Caller caller ? of(caller) : ALL;
  }

  public static Viewer of(Caller caller) {
    return caller.seesAll() ? ALL : new Viewer(Optional.of(caller.getName()));
  }

  public boolean seesAll() {
    return owner.isEmpty();
  }

  /**
   * @param thingsOwner empty where nobody was identified when it came
   */
  public boolean sees(Optional<String> thingsOwner) {
    return seesAll() || owner.equals(thingsOwner);
  }
}
