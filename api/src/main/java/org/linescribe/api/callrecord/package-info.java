/** The JSON of calls. Callers: the API of calls, and webhooks. */
@NullMarked
package org.linescribe.api.callrecord;

import org.jspecify.annotations.NullMarked;
