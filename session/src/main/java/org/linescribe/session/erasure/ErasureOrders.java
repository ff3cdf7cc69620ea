package org.linescribe.session.erasure;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionId;

/**
 * What was erased and which nodes have deleted what was theirs; kept beside the sessions, which
 * order the erasures.
 *
 * <p>Thread: any; every method blocks. Errors: {@link
 * org.linescribe.session.StoreUnavailableException} when the database cannot be asked now.
 */
public interface ErasureOrders {
  /** Nodes of which an order is known to be due or done. */
  record State(ErasureOrder order, List<NodeState> nodes) {
    public State {
      nodes = List.copyOf(nodes);
    }

    public List<NodeState> pending() {
      return nodes.stream().filter(node -> node.doneAt().isEmpty()).toList();
    }

    public List<NodeState> done() {
      return nodes.stream().filter(node -> node.doneAt().isPresent()).toList();
    }
  }

  /**
   * @param seenAt when the node asked for orders last
   * @param doneAt when it deleted what it had; empty while that is to come
   * @param held whether it had something
   */
  record NodeState(String name, Instant seenAt, Optional<Instant> doneAt, boolean held) {}

  /** A node begins with a new data folder: of the orders that are there none is due at it. */
  void begin(Node node, Instant now);

  /**
   * A node is there, and asks for its orders.
   *
   * @param run of the node's process
   */
  void seen(Node node, String run, Instant now);

  /** The process that a node was seen in last; empty after {@link #repeat}. */
  Optional<String> run(Node node);

  /** Whatever a node has executed is due at it again. */
  void repeat(Node node);

  /** The greatest id of an order, 0 where there is none. */
  long lastId();

  /**
   * The orders that a node has still to execute, oldest first.
   *
   * @param after only orders with a greater id
   * @param limit 1 to 1000
   */
  List<ErasureOrder> due(Node node, long after, int limit);

  /** As {@link #due(Node, long, int)}, of one session. */
  List<ErasureOrder> due(Node node, SessionId sessionId);

  /**
   * A node has deleted what it had. Repeating it changes nothing.
   *
   * @param held whether there was something
   */
  void done(ErasureOrder order, Node node, boolean held, Instant now);

  /** The session's newest order. */
  Optional<State> newest(SessionId sessionId);

  /** Forgets an order that no other node can have to execute. */
  void forget(ErasureOrder order);

  /** Forgets orders that are older, and nodes that were not seen since. */
  void forgetBefore(Instant instant);
}
