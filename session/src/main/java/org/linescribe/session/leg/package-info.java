/**
 * Takes the audio of one leg to its recogniser, and to another one when that fails.
 *
 * <p>Callers: {@code session.numbering}, {@code session.admission}.
 */
@NullMarked
package org.linescribe.session.leg;

import org.jspecify.annotations.NullMarked;
