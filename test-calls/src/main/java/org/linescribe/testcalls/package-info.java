/**
 * Places recorded calls for real, over SIP and RTP or a WebSocket, follows their transcript as any
 * reader would, and says how good it was: word errors, latencies, numbers.
 *
 * <p>Callers: the command line, and the gateway's end-to-end tests. It knows the gateway by its
 * doors only.
 */
@NullMarked
package org.linescribe.testcalls;

import org.jspecify.annotations.NullMarked;
