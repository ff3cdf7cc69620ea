package org.linescribe.session.store;

import java.util.ArrayList;
import java.util.List;

/** The end of a statement, as it grows by conditions, and its parameters. Thread: one at a time. */
final class SqlConditions {
  private final StringBuilder sql = new StringBuilder();
  private final List<Object> parameters = new ArrayList<>();

  /** Appends SQL and the parameters that stand for its question marks. */
  void add(String more, Object... itsParameters) {
    sql.append(more);
    parameters.addAll(List.of(itsParameters));
  }

  Object[] parameters() {
    return parameters.toArray();
  }

  /** The SQL. */
  @Override
  public String toString() {
    return sql.toString();
  }
}
