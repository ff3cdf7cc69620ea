package org.linescribe.session.keys;

import java.util.List;

/**
 * The keys of all nodes that share a database.
 *
 * <p>Thread: any; blocks. Errors: {@link org.linescribe.session.StoreUnavailableException} when the
 * database cannot be asked now.
 */
public interface StoredKeys {
  /** By their names. */
  List<StoredKey> all();

  /**
   * @return false when there is one of this name, or of this hash
   */
  boolean add(StoredKey key);

  /**
   * @return false when there is none of this name
   */
  boolean remove(String name);
}
