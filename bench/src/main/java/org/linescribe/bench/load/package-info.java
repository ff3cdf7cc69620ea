/**
 * What each HTTP, WebSocket and Socket.IO API does under a hundred clients at once: latencies, word
 * errors, memory, and what a slow reader and a stuck uploader beside them change.
 *
 * <p>Callers: people, by a main method. Never shipped.
 */
@NullMarked
package org.linescribe.bench.load;

import org.jspecify.annotations.NullMarked;
