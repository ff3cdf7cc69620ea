package org.linescribe.api.http;

/**
 * Paths that anybody may get, with a key or without: the same for everybody, and nothing of what
 * was said.
 *
 * @param page a whole path, within the application
 * @param folder what every other path begins with; ends with a slash
 */
public record OpenPaths(String page, String folder) {
  public OpenPaths {
    if (!folder.startsWith("/") || !folder.endsWith("/") || folder.length() < 3) {
      throw new IllegalArgumentException("folder: '" + folder + "' (expected: /NAME/)");
    }
  }

  /**
   * @param path within the application, as the request has it
   */
  public boolean contains(String path) {
    return path.equals(page)
        || path.startsWith(folder) && path.indexOf('/', folder.length()) < 0 && !path.contains("%");
  }
}
