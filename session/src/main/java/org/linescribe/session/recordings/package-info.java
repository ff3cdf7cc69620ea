/**
 * Records audio streams as WAV files: each file is playable at every moment of its life, bytes that
 * a decoder holds back lie in a spool beside it, and the next start decodes what a killed process
 * left.
 *
 * <p>Callers: {@code api.audiosessions}, {@code api.socketio}, which keep what their documents say
 * of a recording as its state.
 */
@NullMarked
package org.linescribe.session.recordings;

import org.jspecify.annotations.NullMarked;
