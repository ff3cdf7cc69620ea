package org.linescribe.session.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionId;
import org.linescribe.session.erasure.ErasureOrder;
import org.linescribe.session.erasure.ErasureOrders;
import org.linescribe.session.erasure.Node;

/** The tables of erasures and nodes. Thread: any; blocks. */
record SqlErasureOrders(SqlDatabase database) implements ErasureOrders {
  /** Beside the deletion of the session, in its transaction. */
  static final String ORDER = "INSERT INTO erasures (session_id, erased_at) VALUES (?, ?)";

  /** By a join: for a NOT EXISTS MariaDB reads the whole table of what nodes have done. */
  private static final String DUE =
      "SELECT e.erasure_id, e.session_id, e.erased_at FROM erasures e LEFT JOIN erasure_nodes d ON"
          + " d.erasure_id = e.erasure_id AND d.node_id = ? WHERE d.erasure_id IS NULL AND"
          + " e.erasure_id > COALESCE((SELECT n.begins_after FROM nodes n WHERE n.node_id = ?), 0)"
          + " AND ";

  @Override
  public void begin(Node node, Instant now) {
    database.update(
        "INSERT IGNORE INTO nodes (node_id, name, seen_at, begins_after) VALUES (?, ?, ?, ?)",
        node.id(),
        node.name(),
        SqlSegmentStore.utc(now),
        lastId());
  }

  @Override
  public long lastId() {
    return database
        .query("SELECT COALESCE(MAX(erasure_id), 0) FROM erasures", row -> row.getLong(1))
        .getFirst();
  }

  @Override
  public void seen(Node node, String run, Instant now) {
    database.update(
        "INSERT INTO nodes (node_id, name, seen_at, run) VALUES (?, ?, ?, ?) ON DUPLICATE KEY"
            + " UPDATE name = VALUES(name), seen_at = VALUES(seen_at), run = VALUES(run)",
        node.id(),
        node.name(),
        SqlSegmentStore.utc(now),
        run);
  }

  @Override
  public Optional<String> run(Node node) {
    return database
        .query(
            "SELECT run FROM nodes WHERE node_id = ? AND run IS NOT NULL",
            row -> row.getString("run"),
            node.id())
        .stream()
        .findFirst();
  }

  @Override
  public void repeat(Node node) {
    database.update("DELETE FROM erasure_nodes WHERE node_id = ?", node.id());
    database.update("UPDATE nodes SET run = NULL WHERE node_id = ?", node.id());
  }

  @Override
  public List<ErasureOrder> due(Node node, long after, int limit) {
    return database.query(
        DUE + "e.erasure_id > ? ORDER BY e.erasure_id LIMIT " + limit,
        SqlErasureOrders::order,
        node.id(),
        node.id(),
        after);
  }

  @Override
  public List<ErasureOrder> due(Node node, SessionId sessionId) {
    return database.query(
        DUE + "e.session_id = ? ORDER BY e.erasure_id",
        SqlErasureOrders::order,
        node.id(),
        node.id(),
        sessionId.value());
  }

  @Override
  public void done(ErasureOrder order, Node node, boolean held, Instant now) {
    database.update(
        "INSERT IGNORE INTO erasure_nodes (erasure_id, node_id, done_at, held) VALUES (?, ?, ?, ?)",
        order.id(),
        node.id(),
        SqlSegmentStore.utc(now),
        held ? 1 : 0);
  }

  @Override
  public Optional<State> newest(SessionId sessionId) {
    return newestOrder(sessionId).map(order -> new State(order, nodes(order)));
  }

  Optional<ErasureOrder> newestOrder(SessionId sessionId) {
    return database
        .query(
            "SELECT erasure_id, session_id, erased_at FROM erasures WHERE session_id = ? ORDER BY"
                + " erasure_id DESC LIMIT 1",
            SqlErasureOrders::order,
            sessionId.value())
        .stream()
        .findFirst();
  }

  private List<NodeState> nodes(ErasureOrder order) {
    return database.query(
        "SELECT n.name, n.seen_at, d.done_at, COALESCE(d.held, 0) AS held FROM nodes n LEFT JOIN"
            + " erasure_nodes d ON d.node_id = n.node_id AND d.erasure_id = ? WHERE n.begins_after"
            + " < ? ORDER BY n.name, n.node_id",
        row ->
            new NodeState(
                row.getString("name"),
                SqlSegmentStore.instant(row, "seen_at").orElseThrow(),
                SqlSegmentStore.instant(row, "done_at"),
                row.getInt("held") != 0),
        order.id(),
        order.id());
  }

  @Override
  public void forget(ErasureOrder order) {
    database.update("DELETE FROM erasure_nodes WHERE erasure_id = ?", order.id());
    database.update("DELETE FROM erasures WHERE erasure_id = ?", order.id());
  }

  @Override
  public void forgetBefore(Instant instant) {
    LocalDateTime before = SqlSegmentStore.utc(instant);
    database.update(
        "DELETE FROM erasure_nodes WHERE erasure_id IN (SELECT e.erasure_id FROM erasures e WHERE"
            + " e.erased_at < ?)",
        before);
    database.update("DELETE FROM erasures WHERE erased_at < ?", before);
    database.update("DELETE FROM nodes WHERE seen_at < ?", before);
  }

  private static ErasureOrder order(ResultSet row) throws SQLException {
    return new ErasureOrder(
        row.getLong("erasure_id"),
        new SessionId(row.getString("session_id")),
        SqlSegmentStore.instant(row, "erased_at").orElseThrow());
  }
}
