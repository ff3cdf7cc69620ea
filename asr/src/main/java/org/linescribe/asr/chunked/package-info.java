/**
 * One long recording on all cores: it is cut at pauses, and the chunks are decoded side by side.
 *
 * <p>Callers: {@code app} wraps a recogniser in {@link ChunkedRecogniser} and gives it to the
 * session under a provider name of its own; {@code api.files} asks for that name.
 */
@NullMarked
package org.linescribe.asr.chunked;

import org.jspecify.annotations.NullMarked;
