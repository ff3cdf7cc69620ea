/**
 * Sample rates: by a factor of two with a half-band filter, by any ratio with a polyphase one,
 * state kept from call to call.
 *
 * <p>Callers: whoever feeds 8 kHz audio to a 16 kHz model, or 16 kHz audio to a telephone.
 */
@NullMarked
package org.linescribe.media.resample;

import org.jspecify.annotations.NullMarked;
