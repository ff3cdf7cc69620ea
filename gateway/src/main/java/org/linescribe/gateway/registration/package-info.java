/**
 * Registers the gateway at PBXs as an extension, so that they send it calls. {@code gateway.call}
 * starts and ends it with the gateway.
 */
@NullMarked
package org.linescribe.gateway.registration;

import org.jspecify.annotations.NullMarked;
