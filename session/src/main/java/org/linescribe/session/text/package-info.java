/**
 * What becomes of recognised text before it is numbered, stored and sent: corrections, figures,
 * masks.
 *
 * <p>Callers: {@code session.numbering}, which sees no other text; {@code session.pipeline} and
 * {@code app} pass the settings.
 */
@NullMarked
package org.linescribe.session.text;

import org.jspecify.annotations.NullMarked;
