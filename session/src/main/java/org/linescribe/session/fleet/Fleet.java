package org.linescribe.session.fleet;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.erasure.Node;
import org.linescribe.session.json.StoredJson;
import org.linescribe.session.redis.ChannelListener;
import org.linescribe.session.redis.RedisNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The other nodes that use the same database and Redis. A question goes to all of them over a
 * channel, the answers come over one of the node that asks; Redis keeps nothing of either.
 *
 * <p>A node makes itself known at its start and says when it goes. One that was heard of and does
 * not answer is told as missing, for a minute; then it counts as gone.
 *
 * <p>Thread: any; {@link #ask} blocks. Questions of others are answered on virtual threads.
 */
public final class Fleet implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);
  private static final String ALL = "linescribe:fleet";
  private static final String HELLO = "hello";
  private static final String BYE = "bye";
  private static final long GONE_AFTER_NS = Duration.ofMinutes(1).toNanos();
  private static final int MAX_NODES = 256;
  private static final int MAX_QUESTIONS = 64;

  private final Node self;
  private final @Nullable RedisNode redis;
  private final Map<String, Known> others = new ConcurrentHashMap<>();
  private final Map<String, Function<JsonNode, ObjectNode>> answerers = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<String>> asking = new ConcurrentHashMap<>();
  private final Semaphore answering = new Semaphore(MAX_QUESTIONS);
  private final Counter dropped;
  private final List<Runnable> channels = new ArrayList<>();

  /**
   * @param missingSinceNs when it answered nothing first; null while it answers
   */
  private record Known(String name, @Nullable Long missingSinceNs) {}

  /**
   * @param node the name of the node that answers
   * @param body empty where it has nothing to say
   */
  public record Answer(String node, JsonNode body) {}

  /**
   * @param missing names of nodes that should have answered
   */
  public record Answers(List<Answer> answers, List<String> missing) {
    public Answers {
      answers = List.copyOf(answers);
      missing = List.copyOf(missing);
    }
  }

  /**
   * @param redis borrowed; null where there are no other nodes
   */
  public Fleet(Node self, @Nullable RedisNode redis, MeterRegistry meters) {
    this.self = self;
    this.redis = redis;
    this.dropped =
        Counter.builder("linescribe.fleet.dropped")
            .description("Questions and answers of other nodes that found no place.")
            .register(meters);
    if (redis != null) {
      channels.add(redis.listen(ALL, new Listener(this::asked)));
      channels.add(redis.listen(inbox(redis.name()), new Listener(this::answered)));
    }
  }

  /** A node that has no others. */
  public static Fleet alone(MeterRegistry meters) {
    return new Fleet(new Node("", "this node"), null, meters);
  }

  private static String inbox(String name) {
    return ALL + ":" + name;
  }

  /** This node's name, as the others tell it. */
  public String name() {
    return self.name();
  }

  /**
   * Answers questions of a subject from now on.
   *
   * @param answerer an empty object where this node has nothing to say
   */
  public void onQuestion(String subject, Function<JsonNode, ObjectNode> answerer) {
    answerers.put(subject, answerer);
  }

  /**
   * Asks the other nodes that are known, and waits for all of them.
   *
   * @param suffices whether an answer makes those of the others needless
   */
  public Answers ask(
      String subject, ObjectNode question, Duration atMost, Predicate<JsonNode> suffices)
      throws InterruptedException {
    RedisNode bus = redis;
    Set<String> awaited = new HashSet<>(others.keySet());
    if (bus == null || awaited.isEmpty()) {
      return new Answers(List.of(), List.of());
    }
    String id = UUID.randomUUID().toString();
    BlockingQueue<String> answers = new ArrayBlockingQueue<>(MAX_NODES);
    asking.put(id, answers);
    try {
      List<Answer> heard = new ArrayList<>();
      long deadlineNs = System.nanoTime() + atMost.toNanos();
      boolean sent =
          bus.publish(ALL, StoredJson.write(about(subject).put("id", id).set("body", question)));
      while (sent && !awaited.isEmpty()) {
        String text = answers.poll(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (text == null) {
          break;
        }
        JsonNode answer = StoredJson.parse(text);
        awaited.remove(know(answer));
        JsonNode body = answer.required("body");
        heard.add(new Answer(answer.required("name").asString(), body));
        if (suffices.test(body)) {
          return new Answers(heard, List.of());
        }
      }
      return new Answers(heard, awaited.stream().map(this::miss).filter(Objects::nonNull).toList());
    } finally {
      asking.remove(id);
    }
  }

  private ObjectNode about(String subject) {
    return StoredJson.object()
        .put("subject", subject)
        .put("from", Objects.requireNonNull(redis).name())
        .put("node", self.id())
        .put("name", self.name());
  }

  /** The id of the node whose message this is. */
  private String know(JsonNode message) {
    String id = message.required("node").asString();
    if (others.size() < MAX_NODES || others.containsKey(id)) {
      others.put(id, new Known(message.required("name").asString(), null));
    }
    return id;
  }

  /** The name of a node that does not answer; null where it is gone. */
  private @Nullable String miss(String id) {
    long nowNs = System.nanoTime();
    Known known =
        others.computeIfPresent(
            id,
            (_, before) -> {
              Long since = before.missingSinceNs();
              if (since == null) {
                return new Known(before.name(), nowNs);
              }
              return nowNs - since > GONE_AFTER_NS ? null : before;
            });
    return known == null ? null : known.name();
  }

  /** Thread: Redis's event loop. */
  private void asked(String message) {
    if (!answering.tryAcquire()) {
      dropped.increment();
      return;
    }
    Thread.ofVirtual()
        .name("linescribe-fleet")
        .start(
            () -> {
              try {
                answer(StoredJson.parse(message));
              } catch (RuntimeException bug) {
                LOG.error("A question of another node cannot be answered", bug);
              } finally {
                answering.release();
              }
            });
  }

  private void answer(JsonNode question) {
    String node = question.required("node").asString();
    if (node.equals(self.id())) {
      return;
    }
    String subject = question.required("subject").asString();
    if (subject.equals(BYE)) {
      others.remove(node);
      return;
    }
    know(question);
    Function<JsonNode, ObjectNode> answerer = answerers.get(subject);
    ObjectNode body =
        answerer == null ? StoredJson.object() : answerer.apply(question.required("body"));
    String id = question.path("id").asString(HELLO);
    Objects.requireNonNull(redis)
        .publish(
            inbox(question.required("from").asString()),
            id + " " + StoredJson.write(about(subject).set("body", body)));
  }

  /** Thread: Redis's event loop. A long answer is parsed by whoever asked. */
  private void answered(String message) {
    int space = message.indexOf(' ');
    String id = message.substring(0, Math.max(0, space));
    BlockingQueue<String> waiting = asking.get(id);
    if (waiting != null && !waiting.offer(message.substring(space + 1))) {
      dropped.increment();
    } else if (id.equals(HELLO)) {
      know(StoredJson.parse(message.substring(space + 1)));
    }
  }

  private void say(String subject) {
    RedisNode bus = redis;
    if (bus != null) {
      bus.publish(ALL, StoredJson.write(about(subject).set("body", StoredJson.object())));
    }
  }

  @Override
  public void close() {
    say(BYE);
    channels.forEach(Runnable::run);
  }

  private final class Listener implements ChannelListener {
    private final Consumer<String> taking;

    Listener(Consumer<String> taking) {
      this.taking = taking;
    }

    @Override
    public void onMessage(String message) {
      taking.accept(message);
    }

    /** Whoever came meanwhile is not known yet, nor is this node to them. */
    @Override
    public void onSubscribed() {
      say(HELLO);
    }
  }
}
