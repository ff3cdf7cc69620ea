/**
 * Where nobody speaks, by loudness alone.
 *
 * <p>Callers: the rooms of recognisers that cut audio before it is recognised.
 */
@NullMarked
package org.linescribe.asr.pause;

import org.jspecify.annotations.NullMarked;
