package org.linescribe.api.stt;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.providers.Providers;

/**
 * A provider's state in {@code GET /health}.
 *
 * @param state up, saturated, failing, or not_configured for one that the documents name
 * @param language BCP 47 tag, "mul" for many
 * @param failures streams that failed or were not given since the start
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ProviderReport(
    String state,
    @Nullable String model,
    @Nullable String language,
    @Nullable Integer openStreams,
    @Nullable Long backlogMs,
    @Nullable Long failures,
    @Nullable String lastFailure,
    @Nullable Instant lastFailureAt) {

  /** By provider name, those of this node first and in the order of fail-over. */
  static Map<String, ProviderReport> of(Providers providers) {
    Map<String, ProviderReport> reports = new LinkedHashMap<>();
    for (Providers.State state : providers.states()) {
      reports.put(
          state.info().provider(),
          new ProviderReport(
              state.health().name().toLowerCase(Locale.ROOT),
              state.info().model(),
              state.info().language(),
              state.load().openStreams(),
              state.load().backlogMs(),
              state.failures(),
              state.lastFailure().orElse(null),
              state.lastFailureAt().orElse(null)));
    }
    ProviderChoice.DOCUMENTED.stream()
        .sorted()
        .forEach(
            name ->
                reports.putIfAbsent(
                    name,
                    new ProviderReport(
                        "not_configured", null, null, null, null, null, null, null)));
    return reports;
  }
}
