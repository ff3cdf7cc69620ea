package org.linescribe.api.sessions;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.providers.Providers;
import org.linescribe.session.Segment;

/**
 * The language of what was said: as a model of several languages found it, else that of the model,
 * by this node's recognisers and the catalogue.
 *
 * <p>Thread: any.
 */
final class SpokenLanguage {
  private static final Pattern TAG = Pattern.compile("[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*");

  private final Map<String, String> byModel = new HashMap<>();

  SpokenLanguage(Providers providers) {
    for (ModelDescription model : ModelCatalogue.bundled().models()) {
      byModel.put(model.name(), primary(model.language()));
    }
    providers
        .recognisers()
        .forEach(
            recogniser -> {
              RecogniserInfo info = recogniser.info();
              byModel.put(info.model(), primary(info.language()));
            });
  }

  /** What a request asks for, as an ISO 639 code. */
  static Optional<String> wanted(Optional<String> tag) {
    if (tag.filter(text -> !TAG.matcher(text).matches()).isPresent()) {
      throw RefusedRequestException.badRequest("language: expected a tag such as en or pt-BR");
    }
    return tag.map(SpokenLanguage::primary);
  }

  private static String primary(String tag) {
    return tag.split("[-_]", 2)[0].toLowerCase(Locale.ROOT);
  }

  boolean is(Segment segment, String language) {
    return segment
        .language()
        .map(SpokenLanguage::primary)
        .orElseGet(() -> byModel.getOrDefault(segment.model().replace(Segment.UNFINISHED, ""), ""))
        .equals(language);
  }
}
