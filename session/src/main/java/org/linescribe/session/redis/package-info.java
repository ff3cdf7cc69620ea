/**
 * This node's connections to Redis: one for commands, one for every channel that it listens to.
 *
 * <p>Callers: {@code session.live} and {@code session.lease}, which say what their keys hold.
 */
@NullMarked
package org.linescribe.session.redis;

import org.jspecify.annotations.NullMarked;
