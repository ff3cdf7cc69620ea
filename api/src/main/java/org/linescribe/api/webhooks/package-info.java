/**
 * Tells other programs of sessions by HTTP: {@code session.started}, {@code segment.final}, {@code
 * session.ended}, {@code call.ended}, {@code quality.alert} and {@code recording.ready}, signed as
 * Standard Webhooks, in the order of each session.
 *
 * <p>The store is the queue: for each session and endpoint only the number of the next segment is
 * kept, in a small file. Events that the store does not have stand in a spool of files. A receiver
 * that is slow or away holds up its own events and nothing else.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 */
@NullMarked
package org.linescribe.api.webhooks;

import org.jspecify.annotations.NullMarked;
