/**
 * Containers and codecs: FFmpeg as a child process, so that a hostile stream may crash or hang it
 * and not the gateway.
 *
 * <p>Callers: the doors that take wav, mp3, flac, aac, m4a, ogg or webm. They own an {@link
 * org.linescribe.media.format.Ffmpeg} and get PCM from its decoders.
 */
@NullMarked
package org.linescribe.media.format;

import org.jspecify.annotations.NullMarked;
