/**
 * Admits sources: which may open, at which number a session goes on, and how a newer source takes
 * over from an older one.
 *
 * <p>Callers: {@code session.pipeline}.
 */
@NullMarked
package org.linescribe.session.admission;

import org.jspecify.annotations.NullMarked;
