/**
 * Who may write a session now: the newest source wins, and whoever lost can be sure to know before
 * it writes another number.
 *
 * <p>Callers: {@code session.pipeline}. In Redis, for a session {@code ID}:
 *
 * <ul>
 *   <li>{@code linescribe:{ID}:lease}, a hash, kept for a day after its last change: {@code wanted}
 *       (the newest request's ticket), {@code token} (the holder's), {@code node} (the holder's),
 *       {@code claim} (the holder's kind and owner), {@code until} (when a silent holder counts as
 *       dead, ms), {@code seq} (last number known durable), {@code last} (token of the newest
 *       grant, released or not)
 *   <li>{@code linescribe:lease:NODE}, a channel of each node: {@code ID TICKET} asks the holder to
 *       finish and release
 * </ul>
 *
 * Tokens are microseconds of Redis's clock, pushed up where needed so that they always grow.
 */
@NullMarked
package org.linescribe.session.lease;

import org.jspecify.annotations.NullMarked;
