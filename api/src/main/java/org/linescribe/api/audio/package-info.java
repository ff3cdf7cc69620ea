/**
 * The way of a client's audio into a session, and the one FFmpeg that decodes it. Callers: the APIs
 * that receive audio.
 */
@NullMarked
package org.linescribe.api.audio;

import org.jspecify.annotations.NullMarked;
