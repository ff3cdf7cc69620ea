/**
 * Deterministic insights without a network: parsers and an editable taxonomy.
 *
 * <p>Callers: the assembly makes {@link RulesInsights}; {@code openai} masks card numbers with
 * {@link CardMask}.
 */
@NullMarked
package org.linescribe.insights.rules;

import org.jspecify.annotations.NullMarked;
