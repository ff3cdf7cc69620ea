/**
 * RTP as bytes and arithmetic: packets, wrapping counters, source validation, reception statistics.
 *
 * <p>Callers: whoever owns a media socket. Nothing here opens one or reads a clock.
 */
@NullMarked
package org.linescribe.media.rtp;

import org.jspecify.annotations.NullMarked;
