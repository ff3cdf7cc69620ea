/**
 * One long recording on all cores: it is cut at pauses, and the parts are decoded side by side.
 *
 * <p>Callers: the assembly wraps a recogniser in {@link PartsRecogniser} and gives it to the
 * session pipeline under a name of its own; the files door asks for that name.
 */
@NullMarked
package org.linescribe.asr.parts;

import org.jspecify.annotations.NullMarked;
