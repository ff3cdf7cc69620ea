/** The audio-session API, by real WebSocket clients and the real FFmpeg. */
@NullMarked
package org.linescribe.api.audiosessions;

import org.jspecify.annotations.NullMarked;
