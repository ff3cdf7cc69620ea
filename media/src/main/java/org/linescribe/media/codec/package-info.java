/**
 * The codecs of calls: what each is called in SDP, how long a payload lasts, and its decoder to 8
 * kHz.
 *
 * <p>Callers: the jitter buffer, and whoever negotiates, sends or receives a call's audio.
 */
@NullMarked
package org.linescribe.media.codec;

import org.jspecify.annotations.NullMarked;
