/** The audio-session door, by real WebSocket clients and the real FFmpeg. */
@NullMarked
package org.linescribe.api.audiosessions;

import org.jspecify.annotations.NullMarked;
