/**
 * Calls, from INVITE to outcome. A call is pinned to one event loop, which runs its state machine
 * and its media.
 *
 * <p>Callers: the assembly, by {@link org.linescribe.gateway.call.SipGateway}.
 */
@NullMarked
package org.linescribe.gateway.call;

import org.jspecify.annotations.NullMarked;
