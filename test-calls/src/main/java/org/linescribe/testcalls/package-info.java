/**
 * Places recorded calls over SIP/RTP or a WebSocket, subscribes to their transcripts, and measures
 * word errors, latencies and sequence numbers.
 *
 * <p>Callers: the command line, and the gateway's end-to-end tests. It uses the gateway by its
 * network APIs only.
 */
@NullMarked
package org.linescribe.testcalls;

import org.jspecify.annotations.NullMarked;
