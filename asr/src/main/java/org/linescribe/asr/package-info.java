/**
 * Recognition as the rest of the house sees it: a recogniser, its streams, what they say.
 *
 * <p>Callers: the session pipeline. Implementations live in rooms of their own ({@code sherpa}).
 */
@NullMarked
package org.linescribe.asr;

import org.jspecify.annotations.NullMarked;
