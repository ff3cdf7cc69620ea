/**
 * The recognition API: a recogniser, the audio of a leg that its streams read, and their results.
 *
 * <p>Callers: the session pipeline. Implementations live in spaces of their own ({@code sherpa}).
 */
@NullMarked
package org.linescribe.asr;

import org.jspecify.annotations.NullMarked;
