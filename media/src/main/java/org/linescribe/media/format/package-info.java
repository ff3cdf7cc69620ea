/**
 * Containers and codecs: FFmpeg as a child process, so that a hostile stream may crash or hang it
 * and not the gateway.
 *
 * <p>Callers: the APIs that take containers. The assembly owns an {@link
 * org.linescribe.media.format.Ffmpeg}; its decoders write PCM to the callers' sinks.
 */
@NullMarked
package org.linescribe.media.format;

import org.jspecify.annotations.NullMarked;
