/**
 * Sample rates by a factor of two, by a half-band filter whose state is kept from call to call.
 *
 * <p>Callers: whoever feeds 8 kHz audio to a 16 kHz model, or 16 kHz audio to a telephone.
 */
@NullMarked
package org.linescribe.media.resample;

import org.jspecify.annotations.NullMarked;
