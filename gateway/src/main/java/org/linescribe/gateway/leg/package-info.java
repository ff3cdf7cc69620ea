/**
 * The end of an RTP stream's way: its timeline is written to a leg of a session. Callers: whatever
 * has an RTP session, calls and media ports.
 */
@NullMarked
package org.linescribe.gateway.leg;

import org.jspecify.annotations.NullMarked;
