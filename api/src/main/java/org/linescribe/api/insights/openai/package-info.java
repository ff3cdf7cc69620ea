/**
 * Insights by a language model behind any HTTP endpoint that speaks OpenAI's chat completions.
 *
 * <p>Callers: the assembly makes {@link OpenAiInsights}.
 */
@NullMarked
package org.linescribe.api.insights.openai;

import org.jspecify.annotations.NullMarked;
