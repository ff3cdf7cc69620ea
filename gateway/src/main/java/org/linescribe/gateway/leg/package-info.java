/**
 * What sources of audio have in common, whatever brings it: an RTP stream's timeline is written to
 * a leg of a session, and operators see a source as a call. Callers: calls, media ports and
 * AudioSocket.
 */
@NullMarked
package org.linescribe.gateway.leg;

import org.jspecify.annotations.NullMarked;
