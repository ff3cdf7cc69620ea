/**
 * Digest authentication, both sides of it: challenges that trunks must answer, and answers to the
 * challenges of registrars. {@code gateway.trunk} and {@code gateway.registration} call in.
 */
@NullMarked
package org.linescribe.gateway.digest;

import org.jspecify.annotations.NullMarked;
