/**
 * Who may call, and what a call gets: trunks, their credentials and limits, and routing rules.
 * {@code gateway.call} and the program's {@code route-test} call in.
 */
@NullMarked
package org.linescribe.gateway.trunk;

import org.jspecify.annotations.NullMarked;
