/**
 * The recognisers of this node by provider name, each watched: who is there, and how it does.
 *
 * <p>Callers: {@code app}, which makes them known to the session pipeline; APIs that tell clients
 * and operators about them.
 */
@NullMarked
package org.linescribe.asr.providers;

import org.jspecify.annotations.NullMarked;
