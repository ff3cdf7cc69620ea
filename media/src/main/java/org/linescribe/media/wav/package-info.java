/**
 * RIFF/WAVE files: reading what telephony writes, and writing PCM that survives a kill.
 *
 * <p>Callers: whoever plays, keeps or compares recordings. Blocking file work: not on an event
 * loop.
 */
@NullMarked
package org.linescribe.media.wav;

import org.jspecify.annotations.NullMarked;
