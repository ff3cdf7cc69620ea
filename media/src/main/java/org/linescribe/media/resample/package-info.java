/**
 * Sample rates: one resampler for every ratio, its state kept from call to call.
 *
 * <p>Callers: whoever feeds 8 kHz audio to a 16 kHz model, 16 kHz audio to a telephone, or a sound
 * card's rate to either.
 */
@NullMarked
package org.linescribe.media.resample;

import org.jspecify.annotations.NullMarked;
