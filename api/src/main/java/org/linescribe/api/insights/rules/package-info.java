/**
 * Insights without a network: parsers and an editable taxonomy, the same answer every time.
 *
 * <p>Callers: the assembly makes {@link RulesInsights}; {@code openai} masks card numbers with
 * {@link CardMask}.
 */
@NullMarked
package org.linescribe.api.insights.rules;

import org.jspecify.annotations.NullMarked;
