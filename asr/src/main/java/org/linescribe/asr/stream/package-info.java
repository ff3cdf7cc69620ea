/**
 * A leg's recogniser stream: steps on worker threads, flushes at their positions, and one end.
 *
 * <p>Callers: the packages of recognisers.
 */
@NullMarked
package org.linescribe.asr.stream;

import org.jspecify.annotations.NullMarked;
