/**
 * Insights of calls: derived when a call ends whose routing rule asks for them, and read by HTTP.
 * Callers: none; Spring makes it.
 */
@NullMarked
package org.linescribe.api.insights;

import org.jspecify.annotations.NullMarked;
