/**
 * The contract between the line, which has RTP ports, and the API by which a program opens some for
 * a sender that has no signalling, as Asterisk's ExternalMedia. {@code gateway} and {@code api}
 * call in, neither sees the other.
 */
@NullMarked
package org.linescribe.session.mediaports;

import org.jspecify.annotations.NullMarked;
