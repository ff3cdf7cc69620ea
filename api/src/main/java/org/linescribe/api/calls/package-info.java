/** {@code /calls}: the calls that go on, and their control; {@code /call-records}: those before. */
@NullMarked
package org.linescribe.api.calls;

import org.jspecify.annotations.NullMarked;
