/**
 * The live transcript: what is being said now, for readers on any machine.
 *
 * <p>Callers: {@code session.pipeline}. In Redis, for a session {@code ID}:
 *
 * <ul>
 *   <li>{@code linescribe:{ID}:partial}, a hash: leg to the JSON of its current partial; it lives
 *       for the setting "partial TTL" after the last change, a final deletes the leg's field
 *   <li>{@code linescribe:{ID}:events}, a channel: a node's name, a space, an event's JSON or
 *       {@code wake}: finals have arrived in the store
 * </ul>
 */
@NullMarked
package org.linescribe.session.live;

import org.jspecify.annotations.NullMarked;
