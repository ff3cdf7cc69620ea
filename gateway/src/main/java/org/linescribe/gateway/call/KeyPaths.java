package org.linescribe.gateway.call;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Tells a key that comes twice, in the media and by signalling, from two keys: some telephones send
 * telephone-events or tones and an INFO for each key. What came by one way is matched once with the
 * same digit by the other.
 *
 * <p>Thread: the call's event loop.
 */
final class KeyPaths {
  /** By which way a key came. */
  enum Path {
    MEDIA,
    SIGNALLING;

    Path other() {
      return this == MEDIA ? SIGNALLING : MEDIA;
    }
  }

  /** An INFO may come when the key is released. */
  private static final long SAME_KEY_SAMPLES = 2 * 8000;

  private static final int MAX_KEYS = 16;

  private record Key(char digit, long atSamples) {}

  private final Map<Path, ArrayDeque<Key>> unmatched =
      new EnumMap<>(
          Map.of(Path.MEDIA, new ArrayDeque<Key>(), Path.SIGNALLING, new ArrayDeque<Key>()));

  /** Whether a key is one of its own, and not one that came by the other way already. */
  boolean isNew(Path path, char digit, long atSamples) {
    Iterator<Key> others = unmatched.get(path.other()).iterator();
    while (others.hasNext()) {
      Key key = others.next();
      if (Math.abs(atSamples - key.atSamples()) > SAME_KEY_SAMPLES) {
        others.remove();
      } else if (key.digit() == digit) {
        others.remove();
        return false;
      }
    }
    ArrayDeque<Key> own = unmatched.get(path);
    if (own.size() == MAX_KEYS) {
      own.removeFirst();
    }
    own.addLast(new Key(digit, atSamples));
    return true;
  }
}
