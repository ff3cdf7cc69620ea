/**
 * RTP ports for senders that have no signalling, as Asterisk's ExternalMedia (UnicastRTP): a
 * program opens them for a session by the API. Callers: the line, which has the ports.
 */
@NullMarked
package org.linescribe.gateway.mediaports;

import org.jspecify.annotations.NullMarked;
