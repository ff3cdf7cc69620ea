package org.linescribe.api.insights.openai;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.linescribe.api.insights.Classification;
import org.linescribe.api.insights.Entity;
import org.linescribe.api.insights.Insights;
import org.linescribe.api.insights.InsightsException;
import org.linescribe.api.insights.Outcome;
import org.linescribe.api.insights.QaEvaluation;
import org.linescribe.api.insights.Transcript;
import org.linescribe.api.insights.Translation;
import org.linescribe.api.insights.rules.CardMask;
import org.linescribe.api.insights.rules.RulesInsights;
import org.linescribe.api.insights.rules.Taxonomy;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Insights by a language model. Card numbers are masked before anything leaves the machine.
 * Numbers, dates and addresses come from the parsers of {@code rules}, which do not misread; names
 * come from the model, and only those that stand in the transcript. Categories and checklist are
 * the taxonomy's.
 *
 * <p>Thread: any; every step blocks while the endpoint answers.
 */
public final class OpenAiInsights implements Insights {
  private static final List<Entity.Type> NAMES =
      List.of(
          Entity.Type.PERSON, Entity.Type.ORGANISATION, Entity.Type.LOCATION, Entity.Type.OTHER);

  private final OpenAiSettings settings;
  private final Taxonomy taxonomy;
  private final RulesInsights rules;
  private final int summarySentences;
  private final CardMask mask;
  private final ChatEndpoint endpoint;

  /**
   * @param rules finds what parsers can find; closed with this
   * @param summarySentences how long a summary may be, from 1
   */
  public OpenAiInsights(
      OpenAiSettings settings, Taxonomy taxonomy, RulesInsights rules, int summarySentences) {
    this(
        settings,
        taxonomy,
        rules,
        summarySentences,
        (Duration time) -> Thread.sleep(time),
        Instant::now);
  }

  OpenAiInsights(
      OpenAiSettings settings,
      Taxonomy taxonomy,
      RulesInsights rules,
      int summarySentences,
      ChatEndpoint.Pause pause,
      Supplier<Instant> now) {
    this.settings = settings;
    this.taxonomy = taxonomy;
    this.rules = rules;
    this.summarySentences = summarySentences;
    this.mask = new CardMask(taxonomy.digits());
    this.endpoint = new ChatEndpoint(settings, pause, now);
  }

  @Override
  public String provider() {
    return "openai";
  }

  @Override
  public Outcome<Translation> translate(Transcript transcript, Consumer<Translation.Chunk> chunks)
      throws InterruptedException {
    String source = transcript.language();
    String target = settings.targetLanguage();
    if (Locale.forLanguageTag(source)
        .getLanguage()
        .equals(Locale.forLanguageTag(target).getLanguage())) {
      return new Outcome.Skipped<>("the transcript is in the target language (" + target + ")");
    }
    List<String> lines = mask.mask(transcript);
    String why = whyNot(lines);
    if (!why.isEmpty()) {
      return new Outcome.Skipped<>(why);
    }
    List<String> parts = parts(lines);
    String instructions =
        Prompts.of(settings, "translation", Map.of("source", source, "target", target));
    ObjectNode schema = AnswerSchemas.text("translation");
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      String part =
          endpoint
              .ask("translation", schema, instructions, parts.get(i))
              .get("translation")
              .asString()
              .strip();
      all.append(all.isEmpty() ? "" : " ").append(part);
      chunks.accept(new Translation.Chunk(part, all.toString(), i + 1, parts.size()));
    }
    return new Outcome.Done<>(new Translation(all.toString(), source, target, settings.model()));
  }

  @Override
  public Outcome<List<Entity>> entities(Transcript transcript) throws InterruptedException {
    List<Entity> entities = new ArrayList<>();
    if (rules.entities(transcript) instanceof Outcome.Done<List<Entity>>(var found)) {
      entities.addAll(found);
    }
    List<String> lines = mask.mask(transcript);
    String why = whyNot(lines);
    if (!why.isEmpty()) {
      return new Outcome.Skipped<>(why);
    }
    JsonNode answer =
        endpoint.ask(
            "entities",
            AnswerSchemas.entities(
                NAMES.stream().map(type -> type.name().toLowerCase(Locale.ROOT)).toList()),
            Prompts.of(settings, "entities", Map.of()),
            String.join("\n", lines));
    Set<String> known = new HashSet<>();
    answer
        .get("entities")
        .valueStream()
        .flatMap(node -> named(transcript, node).stream())
        .filter(entity -> known.add(entity.type() + " " + entity.text()))
        .forEach(entities::add);
    entities.sort(Comparator.comparingLong(Entity::startMs));
    return new Outcome.Done<>(entities);
  }

  /** The name where it stands in the transcript; what stands nowhere was made up. */
  private static List<Entity> named(Transcript transcript, JsonNode node) {
    String text = node.get("text").asString().strip();
    String wanted = text.toLowerCase(Locale.ROOT);
    if (wanted.isEmpty()) {
      return List.of();
    }
    return transcript.lines().stream()
        .filter(line -> line.text().toLowerCase(Locale.ROOT).contains(wanted))
        .limit(1)
        .map(
            line ->
                new Entity(
                    Entity.Type.valueOf(node.get("type").asString().toUpperCase(Locale.ROOT)),
                    text,
                    node.get("value").asString().strip(),
                    false,
                    line.startMs(),
                    line.endMs()))
        .toList();
  }

  /** Its confidence is what the model says of itself. */
  @Override
  public Outcome<Classification> classify(Transcript transcript) throws InterruptedException {
    List<String> lines = mask.mask(transcript);
    String why = whyNot(lines);
    if (!why.isEmpty()) {
      return new Outcome.Skipped<>(why);
    }
    Map<String, String> labels = new HashMap<>();
    taxonomy.categories().forEach(category -> labels.put(category.id(), category.label()));
    List<String> ids =
        Stream.concat(
                taxonomy.categories().stream().map(Taxonomy.Category::id),
                Stream.of(Classification.UNCLASSIFIED))
            .distinct()
            .toList();
    String described =
        taxonomy.categories().stream()
            .map(category -> category.id() + " (" + category.label() + ")")
            .collect(Collectors.joining(", "));
    JsonNode answer =
        endpoint.ask(
            "classification",
            AnswerSchemas.classification(ids),
            Prompts.of(settings, "classification", Map.of("categories", described)),
            String.join("\n", lines));
    String category = answer.get("category").asString();
    double confidence = answer.get("confidence").asDouble();
    return new Outcome.Done<>(
        new Classification(
            category,
            labels.getOrDefault(category, "Unclassified"),
            confidence,
            List.of(new Classification.Score(category, confidence, List.of())),
            answer.get("key_phrases").valueStream().map(JsonNode::asString).limit(10).toList()));
  }

  @Override
  public Outcome<QaEvaluation> evaluate(Transcript transcript) throws InterruptedException {
    List<String> lines = mask.mask(transcript);
    String why = taxonomy.qa().isEmpty() ? "the taxonomy has no checklist (qa)" : whyNot(lines);
    if (!why.isEmpty()) {
      return new Outcome.Skipped<>(why);
    }
    JsonNode answer =
        endpoint.ask(
            "qa",
            AnswerSchemas.evaluation(taxonomy.qa().stream().map(Taxonomy.Check::id).toList()),
            Prompts.of(
                settings,
                "qa",
                Map.of(
                    "checks",
                    taxonomy.qa().stream()
                        .map(check -> check.id() + ": " + check.question())
                        .collect(Collectors.joining("; ")))),
            String.join("\n", lines));
    Map<String, JsonNode> answers = new HashMap<>();
    answer.get("items").valueStream().forEach(item -> answers.put(item.get("id").asString(), item));
    List<QaEvaluation.Item> items = new ArrayList<>();
    double passed = 0;
    double all = 0;
    for (Taxonomy.Check check : taxonomy.qa()) {
      JsonNode item = answers.get(check.id());
      if (item == null) {
        throw new InsightsException("openai qa: no answer to '" + check.id() + "'");
      }
      boolean pass = item.get("passed").asBoolean();
      items.add(
          new QaEvaluation.Item(
              check.id(), check.question(), pass, item.get("evidence").asString(), check.weight()));
      all += check.weight();
      passed += pass ? check.weight() : 0;
    }
    return new Outcome.Done<>(new QaEvaluation(passed / all, items));
  }

  @Override
  public Outcome<String> summarise(Transcript transcript) throws InterruptedException {
    List<String> lines = mask.mask(transcript);
    String why = whyNot(lines);
    if (!why.isEmpty()) {
      return new Outcome.Skipped<>(why);
    }
    return new Outcome.Done<>(
        endpoint
            .ask(
                "summary",
                AnswerSchemas.text("summary"),
                Prompts.of(
                    settings, "summary", Map.of("sentences", String.valueOf(summarySentences))),
                String.join("\n", lines))
            .get("summary")
            .asString()
            .strip());
  }

  private String whyNot(List<String> lines) {
    if (lines.isEmpty()) {
      return "nothing was said";
    }
    long chars = lines.stream().mapToLong(line -> line.length() + 1L).sum();
    return chars <= settings.maxInputChars()
        ? ""
        : "the transcript has "
            + chars
            + " characters (linescribe.insights.openai.max-input-chars: "
            + settings.maxInputChars()
            + ")";
  }

  /** Whole lines, together not much longer than the setting says. */
  private List<String> parts(List<String> lines) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (String line : lines) {
      if (!part.isEmpty() && part.length() + line.length() > settings.chunkChars()) {
        parts.add(part.toString());
        part.setLength(0);
      }
      part.append(part.isEmpty() ? "" : "\n").append(line);
    }
    parts.add(part.toString());
    return parts;
  }

  @Override
  public void close() {
    endpoint.close();
    rules.close();
  }
}
