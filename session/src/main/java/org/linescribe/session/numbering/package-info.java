/**
 * Writes a session while its source is open: gives finals their numbers, makes them durable and
 * announces them.
 *
 * <p>Callers: {@code session.admission}, {@code session.pipeline}.
 */
@NullMarked
package org.linescribe.session.numbering;

import org.jspecify.annotations.NullMarked;
