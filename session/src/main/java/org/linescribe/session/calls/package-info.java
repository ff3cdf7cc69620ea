/**
 * The contract between the line, which has the calls, and the APIs, which show and end them; and
 * the records of calls that ended. {@code gateway} and {@code api} call in, neither sees the other.
 */
@NullMarked
package org.linescribe.session.calls;

import org.jspecify.annotations.NullMarked;
