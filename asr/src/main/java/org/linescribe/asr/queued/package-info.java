/**
 * A leg's audio between who brings it and who recognises it: a bounded queue, turns, and an end.
 *
 * <p>Callers: the rooms of recognisers that bring no scheduler of their own.
 */
@NullMarked
package org.linescribe.asr.queued;

import org.jspecify.annotations.NullMarked;
