/**
 * What recognition costs: the bare library against the scheduler.
 *
 * <p>Callers: people, by a main method. Never shipped.
 */
@NullMarked
package org.linescribe.bench.asr;

import org.jspecify.annotations.NullMarked;
