/**
 * Reads a session: finals from the store, then live events, without a gap or a repeat.
 *
 * <p>Callers: {@code session.pipeline}.
 */
@NullMarked
package org.linescribe.session.reading;

import org.jspecify.annotations.NullMarked;
