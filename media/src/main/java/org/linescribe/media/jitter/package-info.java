/**
 * A call's packets, in whatever order they come, as one true timeline of audio and silence.
 *
 * <p>Callers: whoever owns a media socket. Time enters as a parameter; nothing here reads a clock.
 */
@NullMarked
package org.linescribe.media.jitter;

import org.jspecify.annotations.NullMarked;
