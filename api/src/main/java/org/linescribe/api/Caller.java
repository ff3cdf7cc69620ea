package org.linescribe.api;

/**
 * Who makes a request, where {@link org.linescribe.api.access} has asked; an attribute of the
 * exchange. Whatever stays open for a caller, a WebSocket or a response, takes one of its places.
 *
 * <p>Thread: any.
 */
public interface Caller {
  /** The exchange's attribute; absent where nobody asks who calls. */
  String ATTRIBUTE = "org.linescribe.api.Caller";

  /** The name that the operator gave to the caller's key; never the key. */
  String name();

  /**
   * Takes a place.
   *
   * @return false when all are taken; otherwise {@link #leave} must follow, once
   */
  boolean enter();

  /** Gives a place back. */
  void leave();
}
