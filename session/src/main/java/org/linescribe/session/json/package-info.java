/**
 * Segments, store writes and transcript events as JSON, the one form that files, Redis and the
 * database's text columns hold.
 *
 * <p>Callers: {@code session.store}, {@code session.outbox}, {@code session.live}.
 */
@NullMarked
package org.linescribe.session.json;

import org.jspecify.annotations.NullMarked;
