package org.linescribe.session.store;

import java.util.List;
import org.linescribe.session.json.StoredJson;
import org.linescribe.session.keys.StoredKey;
import org.linescribe.session.keys.StoredKeys;

/** The table of API keys. */
record SqlStoredKeys(SqlDatabase database) implements StoredKeys {
  @Override
  public List<StoredKey> all() {
    return database.query(
        "SELECT name, sha256, owner, scopes, created_at, created_by FROM access_keys ORDER BY name",
        row ->
            new StoredKey(
                row.getString("name"),
                row.getString("sha256"),
                row.getString("owner"),
                StoredJson.strings(row.getString("scopes")),
                SqlSegmentStore.instant(row, "created_at").orElseThrow(),
                row.getString("created_by")));
  }

  @Override
  public boolean add(StoredKey key) {
    return database
        .insert(
            "INSERT INTO access_keys (name, sha256, owner, scopes, created_at, created_by)"
                + " VALUES (?, ?, ?, ?, ?, ?)",
            key.name(),
            key.sha256(),
            key.owner(),
            StoredJson.strings(key.scopes()),
            SqlSegmentStore.utc(key.createdAt()),
            key.createdBy())
        .isPresent();
  }

  @Override
  public boolean remove(String name) {
    return database.update("DELETE FROM access_keys WHERE name = ?", name) > 0;
  }
}
