/**
 * RTCP as bytes and arithmetic: compound packets, what they carry, when the next one is due.
 *
 * <p>Callers: whoever owns a media socket. Nothing here opens one or reads a clock.
 */
@NullMarked
package org.linescribe.media.rtcp;

import org.jspecify.annotations.NullMarked;
