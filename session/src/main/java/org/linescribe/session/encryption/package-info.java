/**
 * Files that only a holder of a key can read: appended to, read at any place, and whole after a
 * kill of the process at any moment.
 *
 * <p>Callers: {@code session.recordings}; {@code app}, which reads the keys.
 */
@NullMarked
package org.linescribe.session.encryption;

import org.jspecify.annotations.NullMarked;
