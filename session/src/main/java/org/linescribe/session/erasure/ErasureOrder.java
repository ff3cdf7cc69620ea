package org.linescribe.session.erasure;

import java.time.Instant;
import org.linescribe.session.SessionId;

/**
 * A session that was erased, for each node to delete what lies on its own disk.
 *
 * @param id grows with each order
 * @param at when it was erased, by the clock of the node that was asked
 */
public record ErasureOrder(long id, SessionId sessionId, Instant at) {}
