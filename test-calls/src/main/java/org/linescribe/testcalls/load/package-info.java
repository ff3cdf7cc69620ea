/**
 * {@code linescribe load}: many calls at once on a schedule that waits for no answer, what they
 * measure, and how many a gateway can take. For the command line; {@link
 * org.linescribe.testcalls.load.GatewayUsage} for other measurements too.
 */
@NullMarked
package org.linescribe.testcalls.load;

import org.jspecify.annotations.NullMarked;
