/**
 * What the messages of a stranger cost a gateway: processor time, packets to others, log lines, and
 * the time that good callers wait.
 *
 * <p>Callers: people, by a main method. Never shipped.
 */
@NullMarked
package org.linescribe.bench.strangers;

import org.jspecify.annotations.NullMarked;
