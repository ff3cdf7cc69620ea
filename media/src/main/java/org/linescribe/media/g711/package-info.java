/**
 * ITU-T G.711: both laws as tables, and which of the two unlabelled audio is in.
 *
 * <p>Callers: the code that turns bytes of a call into samples or back.
 */
@NullMarked
package org.linescribe.media.g711;

import org.jspecify.annotations.NullMarked;
