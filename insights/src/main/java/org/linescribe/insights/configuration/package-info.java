/**
 * The bean of the insights that the settings ask for.
 *
 * <p>Callers: the APIs that analyse transcripts import {@link
 * org.linescribe.insights.configuration.InsightsConfiguration}.
 */
@NullMarked
package org.linescribe.insights.configuration;

import org.jspecify.annotations.NullMarked;
