/**
 * Insights by a language model behind any endpoint with OpenAI's chat completions API.
 *
 * <p>Callers: the assembly makes {@link OpenAiInsights}.
 */
@NullMarked
package org.linescribe.insights.openai;

import org.jspecify.annotations.NullMarked;
