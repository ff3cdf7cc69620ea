package org.linescribe.insights.openai;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.linescribe.insights.Classification;
import org.linescribe.insights.Entity;
import org.linescribe.insights.Insights;
import org.linescribe.insights.InsightsException;
import org.linescribe.insights.Outcome;
import org.linescribe.insights.QaEvaluation;
import org.linescribe.insights.Transcript;
import org.linescribe.insights.Translation;
import org.linescribe.insights.openai.Questions.Question;
import org.linescribe.insights.rules.CardMask;
import org.linescribe.insights.rules.RulesInsights;
import org.linescribe.insights.rules.Taxonomy;
import tools.jackson.databind.JsonNode;

/**
 * Insights by a language model. Card numbers are masked before anything leaves the machine.
 * Numbers, dates and addresses come from the parsers of {@code rules}, which do not misread; names
 * come from the model, and only those that occur in the transcript. Categories and checklist are
 * the taxonomy's.
 *
 * <p>Thread: any; every step blocks while the endpoint answers.
 */
public final class OpenAiInsights implements Insights {
  private static final List<Entity.Type> NAMES =
      List.of(
          Entity.Type.PERSON, Entity.Type.ORGANISATION, Entity.Type.LOCATION, Entity.Type.OTHER);
  private static final int MAX_KEY_PHRASES = 10;

  private final OpenAiSettings settings;
  private final Taxonomy taxonomy;
  private final RulesInsights rules;
  private final int summarySentences;
  private final CardMask mask;
  private final ChatEndpoint endpoint;

  /**
   * @param rules extracts what parsers can prove; closed with this
   * @param summarySentences the longest summary, from 1
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
    this.mask = new CardMask(taxonomy.spokenDigits());
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
    Optional<String> reason = reasonToSkip(lines);
    if (reason.isPresent()) {
      return new Outcome.Skipped<>(reason.get());
    }
    List<String> inputs = chunks(lines);
    Question question =
        Questions.of("translation", settings)
            .with(Map.of("source", source, "target", target), List.of());
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < inputs.size(); i++) {
      String text = endpoint.ask(question, inputs.get(i)).get("translation").asString().strip();
      all.append(all.isEmpty() ? "" : " ").append(text);
      chunks.accept(new Translation.Chunk(text, all.toString(), i + 1, inputs.size()));
    }
    return new Outcome.Done<>(new Translation(all.toString(), source, target, settings.model()));
  }

  @Override
  public Outcome<List<Entity>> entities(Transcript transcript) throws InterruptedException {
    return ask(
        transcript,
        "entities",
        Map.of(),
        NAMES.stream().map(type -> type.name().toLowerCase(Locale.ROOT)).toList(),
        answer -> {
          List<Entity> entities = new ArrayList<>(rules.find(transcript));
          Set<String> known = new HashSet<>();
          answer
              .get("entities")
              .valueStream()
              .flatMap(node -> name(transcript, node).stream())
              .filter(entity -> known.add(entity.type() + " " + entity.text()))
              .forEach(entities::add);
          entities.sort(Comparator.comparingLong(Entity::startMs));
          return entities;
        });
  }

  /** A name at its first occurrence; empty where the model invented it. */
  private static Optional<Entity> name(Transcript transcript, JsonNode node) {
    String text = node.get("text").asString().strip();
    String wanted = text.toLowerCase(Locale.ROOT);
    return transcript.lines().stream()
        .filter(line -> !wanted.isEmpty() && line.text().toLowerCase(Locale.ROOT).contains(wanted))
        .findFirst()
        .map(
            line ->
                new Entity(
                    Entity.Type.valueOf(node.get("type").asString().toUpperCase(Locale.ROOT)),
                    text,
                    node.get("value").asString().strip(),
                    false,
                    line.startMs(),
                    line.endMs()));
  }

  /** The confidence is the model's own claim. */
  @Override
  public Outcome<Classification> classify(Transcript transcript) throws InterruptedException {
    String described =
        taxonomy.categories().stream()
            .map(category -> category.id() + " (" + category.label() + ")")
            .collect(Collectors.joining(", "));
    return ask(
        transcript,
        "classification",
        Map.of("categories", described),
        Stream.concat(
                taxonomy.categories().stream().map(Taxonomy.Category::id),
                Stream.of(Classification.UNCLASSIFIED))
            .distinct()
            .toList(),
        answer -> {
          String category = answer.get("category").asString();
          double confidence = answer.get("confidence").asDouble();
          return new Classification(
              category,
              taxonomy.label(category),
              confidence,
              List.of(new Classification.Score(category, confidence, List.of())),
              answer
                  .get("key_phrases")
                  .valueStream()
                  .map(JsonNode::asString)
                  .limit(MAX_KEY_PHRASES)
                  .toList());
        });
  }

  @Override
  public Outcome<QaEvaluation> evaluate(Transcript transcript) throws InterruptedException {
    if (taxonomy.qa().isEmpty()) {
      return new Outcome.Skipped<>(RulesInsights.NO_CHECKLIST);
    }
    String checks =
        taxonomy.qa().stream()
            .map(check -> check.id() + ": " + check.question())
            .collect(Collectors.joining("; "));
    return ask(
        transcript,
        "qa",
        Map.of("checks", checks),
        taxonomy.qa().stream().map(Taxonomy.Check::id).toList(),
        answer -> {
          Map<String, JsonNode> items = new HashMap<>();
          answer.get("items").valueStream().forEach(i -> items.put(i.get("id").asString(), i));
          return QaEvaluation.of(
              taxonomy.qa().stream().map(check -> item(check, items.get(check.id()))).toList());
        });
  }

  private static QaEvaluation.Item item(Taxonomy.Check check, JsonNode item) {
    if (item == null) {
      throw new InsightsException("openai qa: no answer to '" + check.id() + "'");
    }
    return new QaEvaluation.Item(
        check.id(),
        check.question(),
        item.get("passed").asBoolean(),
        item.get("evidence").asString(),
        check.weight());
  }

  @Override
  public Outcome<String> summarise(Transcript transcript) throws InterruptedException {
    return ask(
        transcript,
        "summary",
        Map.of("sentences", String.valueOf(summarySentences)),
        List.of(),
        answer -> answer.get("summary").asString().strip());
  }

  /** Asks about the whole transcript, its card numbers masked. */
  private <T> Outcome<T> ask(
      Transcript transcript,
      String question,
      Map<String, String> values,
      Collection<String> choices,
      Function<JsonNode, T> read)
      throws InterruptedException {
    List<String> lines = mask.mask(transcript);
    Optional<String> reason = reasonToSkip(lines);
    if (reason.isPresent()) {
      return new Outcome.Skipped<>(reason.get());
    }
    JsonNode answer =
        endpoint.ask(
            Questions.of(question, settings).with(values, choices), String.join("\n", lines));
    return new Outcome.Done<>(read.apply(answer));
  }

  private Optional<String> reasonToSkip(List<String> lines) {
    if (lines.isEmpty()) {
      return Optional.of(RulesInsights.NO_WORDS);
    }
    long chars = lines.stream().mapToLong(line -> line.length() + 1L).sum();
    return Optional.of(
            "the transcript has %d characters (linescribe.insights.openai.max-input-chars: %d)"
                .formatted(chars, settings.maxInputChars()))
        .filter(_ -> chars > settings.maxInputChars());
  }

  /** Whole lines, together not much longer than the setting says. */
  private List<String> chunks(List<String> lines) {
    List<String> chunks = new ArrayList<>();
    StringBuilder chunk = new StringBuilder();
    for (String line : lines) {
      if (!chunk.isEmpty() && chunk.length() + line.length() > settings.chunkChars()) {
        chunks.add(chunk.toString());
        chunk.setLength(0);
      }
      chunk.append(chunk.isEmpty() ? "" : "\n").append(line);
    }
    chunks.add(chunk.toString());
    return chunks;
  }

  @Override
  public void close() {
    endpoint.close();
    rules.close();
  }
}
