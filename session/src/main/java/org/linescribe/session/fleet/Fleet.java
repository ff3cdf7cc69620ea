package org.linescribe.session.fleet;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
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
 * <p>A node makes itself known at its start and every quarter of a minute, and says when it goes.
 * One that was heard of and does not answer is told as missing; when nothing came from it for a
 * minute in which Redis carried messages it counts as gone.
 *
 * <p>Thread: any; {@link #ask} blocks. Questions of others are answered on virtual threads.
 */
public final class Fleet implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);
  private static final String ALL = "linescribe:fleet";
  private static final String HELLO = "hello";
  private static final String BYE = "bye";

  /** Nobody answers it. */
  private static final String ALIVE = "alive";

  private static final Duration ALIVE_EVERY = Duration.ofSeconds(15);

  /** So many times this node hears that it is alive itself, and nothing of one that is gone. */
  private static final int GONE_AFTER = 5;

  private static final int MAX_NODES = 256;
  private static final int MAX_QUESTIONS = 64;

  private final Node self;
  private final @Nullable RedisNode redis;

  /** By the names of their connections: a copy of a data folder has the node's id too. */
  private final Map<String, Known> others = new ConcurrentHashMap<>();

  private final Map<String, Function<JsonNode, ObjectNode>> answerers = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<String>> asking = new ConcurrentHashMap<>();
  private final Semaphore answering = new Semaphore(MAX_QUESTIONS);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Counter dropped;
  private final List<Runnable> channels = new ArrayList<>();

  /**
   * @param silent how often this node has heard itself since it heard of that one
   * @param hasLeft what comes from it after its goodbye was sent before
   */
  private record Known(String name, int silent, boolean hasLeft) {}

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
    this(self, redis, meters, ALIVE_EVERY);
  }

  Fleet(Node self, @Nullable RedisNode redis, MeterRegistry meters, Duration aliveEvery) {
    this.self = self;
    this.redis = redis;
    this.dropped =
        Counter.builder("linescribe.fleet.dropped")
            .description("Questions and answers of other nodes that found no place.")
            .register(meters);
    if (redis != null) {
      channels.add(redis.listen(ALL, new Listener(this::asked)));
      channels.add(redis.listen(inbox(redis.name()), new Listener(this::answered)));
      Thread.ofVirtual().name("linescribe-fleet-alive").start(() -> keepSaying(aliveEvery));
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
    Map<String, String> awaited = known();
    if (bus == null || awaited.isEmpty()) {
      // Not the question: an order would be executed whose caller hears that there is no such call.
      say(HELLO);
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
      return new Answers(heard, List.copyOf(awaited.values()));
    } finally {
      asking.remove(id);
    }
  }

  private ObjectNode about(String subject) {
    return StoredJson.object()
        .put("subject", subject)
        .put("from", Objects.requireNonNull(redis).name())
        .put("name", self.name());
  }

  /** Names of the nodes that should answer. */
  private Map<String, String> known() {
    Map<String, String> names = new HashMap<>();
    others.forEach(
        (from, node) -> {
          if (!node.hasLeft()) {
            names.put(from, node.name());
          }
        });
    return names;
  }

  /** The connection's name of the node whose message this is. */
  private String know(JsonNode message) {
    return know(message, false);
  }

  private String know(JsonNode message, boolean leaves) {
    String from = message.required("from").asString();
    String name = message.required("name").asString();
    if (others.size() < MAX_NODES || others.containsKey(from)) {
      others.merge(
          from, new Known(name, 0, leaves), (before, heard) -> before.hasLeft() ? before : heard);
    }
    return from;
  }

  /** Nothing ages while Redis is away: this node does not hear itself either. */
  private void age() {
    for (String from : others.keySet()) {
      others.computeIfPresent(
          from,
          (_, node) ->
              node.silent() + 1 >= GONE_AFTER
                  ? null
                  : new Known(node.name(), node.silent() + 1, node.hasLeft()));
    }
  }

  private void keepSaying(Duration every) {
    try {
      while (!closing.await(every.toNanos(), TimeUnit.NANOSECONDS)) {
        say(ALIVE);
      }
    } catch (InterruptedException stopped) {
      LOG.warn("Other nodes no longer hear of this one");
    }
  }

  /** Thread: Redis's event loop. */
  private void asked(String message) {
    inBackground(() -> answer(StoredJson.parse(message)));
  }

  private void inBackground(Runnable task) {
    if (!answering.tryAcquire()) {
      dropped.increment();
      return;
    }
    Thread.ofVirtual()
        .name("linescribe-fleet")
        .start(
            () -> {
              try {
                task.run();
              } catch (RuntimeException bug) {
                LOG.error("A message of another node cannot be answered", bug);
              } finally {
                answering.release();
              }
            });
  }

  private void answer(JsonNode question) {
    String from = question.required("from").asString();
    String subject = question.required("subject").asString();
    if (from.equals(Objects.requireNonNull(redis).name())) {
      if (subject.equals(ALIVE)) {
        age();
      }
      return;
    }
    know(question, subject.equals(BYE));
    if (subject.equals(BYE) || subject.equals(ALIVE)) {
      return;
    }
    Function<JsonNode, ObjectNode> answerer = answerers.get(subject);
    ObjectNode body =
        answerer == null ? StoredJson.object() : answerer.apply(question.required("body"));
    String id = question.path("id").asString(HELLO);
    redis.publish(inbox(from), id + " " + StoredJson.write(about(subject).set("body", body)));
  }

  /** Thread: Redis's event loop. A long answer is parsed by whoever asked. */
  private void answered(String message) {
    int space = message.indexOf(' ');
    String answer = message.substring(space + 1);
    BlockingQueue<String> waiting = asking.get(message.substring(0, Math.max(0, space)));
    if (waiting == null) {
      // To a hello, or too late for whoever asked.
      inBackground(() -> know(StoredJson.parse(answer)));
    } else if (!waiting.offer(answer)) {
      dropped.increment();
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
    closing.countDown();
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
