/**
 * Asterisk's AudioSocket: one TCP connection brings the audio of one channel into the session that
 * its UUID names. Callers: the assembly.
 */
@NullMarked
package org.linescribe.gateway.audiosocket;

import org.jspecify.annotations.NullMarked;
