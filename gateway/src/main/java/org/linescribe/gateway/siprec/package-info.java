/**
 * The metadata of SIPREC recording sessions: who takes part in the recorded call, and on which
 * stream. {@code gateway.call} calls in.
 */
@NullMarked
package org.linescribe.gateway.siprec;

import org.jspecify.annotations.NullMarked;
