package org.linescribe.settings;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values of settings as users write them. */
final class SettingText {
  private static final Pattern QUANTITY = Pattern.compile("(-?\\d+)([A-Za-z]*)");
  private static final List<String> SIZES = List.of("", "KB", "MB", "GB", "TB");

  private SettingText() {}

  /** {@code 250ms}, {@code 5s}, {@code 10m}, {@code 4h}, {@code 7d}; {@code 0s} for zero. */
  static String of(Object value) {
    return value instanceof Duration duration ? of(duration) : String.valueOf(value);
  }

  private static String of(Duration duration) {
    long ms = duration.toMillis();
    if (!duration.equals(Duration.ofMillis(ms))) {
      return duration.toString();
    }
    if (ms % 1000 != 0) {
      return ms + "ms";
    }
    long seconds = ms / 1000;
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    }
    return seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds / 60 + "m";
  }

  /**
   * Reads a text as a value of a component's type. Types that are not named here are read by their
   * static method {@code parse(CharSequence)}.
   */
  static Object parse(String text, Type type) {
    if (type instanceof ParameterizedType generic) {
      Class<?> raw = (Class<?>) generic.getRawType();
      Type element = generic.getActualTypeArguments()[0];
      if (raw == Optional.class) {
        return text.isEmpty() ? Optional.empty() : Optional.of(parse(text, element));
      }
      if (raw == List.class) {
        return text.isEmpty()
            ? List.of()
            : Arrays.stream(text.split(",")).map(part -> parse(part.strip(), element)).toList();
      }
      if (raw == Map.class && text.isEmpty()) {
        return Map.of();
      }
      throw new IllegalArgumentException("no text form for " + type.getTypeName());
    }
    Class<?> plain = (Class<?>) type;
    if (plain == String.class) {
      return text;
    }
    if (plain == Path.class) {
      return Path.of(text);
    }
    if (plain == boolean.class || plain == Boolean.class) {
      return Boolean.valueOf(text);
    }
    if (plain == int.class || plain == Integer.class) {
      return Math.toIntExact(number(text));
    }
    if (plain == long.class || plain == Long.class) {
      return number(text);
    }
    if (plain == double.class || plain == Double.class) {
      return Double.valueOf(text);
    }
    if (plain == Duration.class) {
      return duration(text);
    }
    if (plain.isEnum()) {
      return Arrays.stream(plain.getEnumConstants())
          .filter(constant -> constant.toString().equalsIgnoreCase(text.replace('-', '_')))
          .findFirst()
          .orElseThrow(() -> unreadable(text, plain));
    }
    try {
      Method parse = plain.getMethod("parse", CharSequence.class);
      return parse.invoke(null, text);
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
      throw unreadable(text, plain);
    }
  }

  private static Duration duration(String text) {
    Matcher quantity = quantity(text, Duration.class);
    long amount = Long.parseLong(quantity.group(1));
    return switch (quantity.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      case "d" -> Duration.ofDays(amount);
      default -> throw unreadable(text, Duration.class);
    };
  }

  private static long number(String text) {
    Matcher quantity = quantity(text, long.class);
    int power = SIZES.indexOf(quantity.group(2).toUpperCase(Locale.ROOT));
    if (power < 0) {
      throw unreadable(text, long.class);
    }
    return Math.multiplyExact(Long.parseLong(quantity.group(1)), 1L << (10 * power));
  }

  private static Matcher quantity(String text, Class<?> type) {
    Matcher matcher = QUANTITY.matcher(text);
    if (!matcher.matches()) {
      throw unreadable(text, type);
    }
    return matcher;
  }

  private static IllegalArgumentException unreadable(String text, Class<?> type) {
    return new IllegalArgumentException("'" + text + "' is no " + type.getSimpleName());
  }
}
