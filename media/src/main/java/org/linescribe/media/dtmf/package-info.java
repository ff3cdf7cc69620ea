/**
 * Digits that travel as named events: their payload, and each of them once.
 *
 * <p>Callers: the jitter buffer, and whoever sends digits.
 */
@NullMarked
package org.linescribe.media.dtmf;

import org.jspecify.annotations.NullMarked;
