package org.linescribe.testcalls.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Latencies and the gateway's processor time over calls, as SVG. */
final class LoadPlot {
  private static final int WIDTH = 720;
  private static final int LEFT = 70;
  private static final int RIGHT = 150;
  private static final int PANEL = 230;
  private static final int TOP = 40;
  private static final int GAP = 70;

  private record Line(String name, String colour, ToDoubleFunction<StageResult> value) {}

  private static final List<Line> LATENCIES =
      List.of(
          new Line("final p95", "#c0392b", stage -> stage.summary().finalMs().p95()),
          new Line("first text p95", "#2471a3", stage -> stage.summary().firstPartialMs().p95()),
          new Line("set-up p95", "#1e8449", stage -> stage.setupMs().p95()));

  private static final List<Line> CPU =
      List.of(
          new Line(
              "% of a core",
              "#7d3c98",
              stage -> stage.usage() == null ? Double.NaN : 100 * stage.usage().cores()));

  private LoadPlot() {}

  /**
   * @param title escaped here
   * @param stages in any order
   */
  static String svg(String title, List<StageResult> stages) {
    List<StageResult> sorted =
        stages.stream()
            .sorted((one, other) -> Double.compare(one.meanCalls(), other.meanCalls()))
            .toList();
    int height = TOP + 2 * PANEL + 2 * GAP;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n"
            .formatted(WIDTH, height));
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    text(svg, LEFT, 22, "start", title);
    panel(svg, TOP, "ms", LATENCIES, sorted);
    panel(svg, TOP + PANEL + GAP, "gateway's CPU", CPU, sorted);
    return svg.append("</svg>\n").toString();
  }

  private static void panel(
      StringBuilder svg, int top, String unit, List<Line> lines, List<StageResult> stages) {
    double mostX = Math.max(1, stages.stream().mapToDouble(StageResult::meanCalls).max().orElse(1));
    double mostY = 1;
    for (Line line : lines) {
      mostY =
          Math.max(
              mostY,
              stages.stream().mapToDouble(line.value).filter(Double::isFinite).max().orElse(1));
    }
    double stepY = step(mostY);
    double stepX = step(mostX);
    mostY = Math.ceil(mostY / stepY) * stepY;
    mostX = Math.ceil(mostX / stepX) * stepX;
    int right = WIDTH - RIGHT;
    for (double y = 0; y <= mostY + stepY / 2; y += stepY) {
      double at = top + PANEL * (1 - y / mostY);
      svg.append(
          String.format(
              Locale.ROOT, "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/>\n", LEFT, at, right));
      text(svg, LEFT - 8, at + 4, "end", number(y));
    }
    for (double x = 0; x <= mostX + stepX / 2; x += stepX) {
      text(svg, LEFT + (right - LEFT) * x / mostX, top + PANEL + 18, "middle", number(x));
    }
    text(svg, LEFT, top - 6, "end", unit);
    text(svg, right, top + PANEL + 36, "end", "calls at once");
    int legend = top + 14;
    for (Line line : lines) {
      List<String> points = new ArrayList<>();
      for (StageResult stage : stages) {
        double value = line.value.applyAsDouble(stage);
        if (Double.isFinite(value)) {
          points.add(
              String.format(
                  Locale.ROOT,
                  "%.1f,%.1f",
                  LEFT + (right - LEFT) * stage.meanCalls() / mostX,
                  top + PANEL * (1 - value / mostY)));
        }
      }
      svg.append(
          "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n"
              .formatted(String.join(" ", points), line.colour));
      for (String point : points) {
        String[] xy = point.split(",");
        svg.append(
            "<circle cx=\"%s\" cy=\"%s\" r=\"3\" fill=\"%s\"/>\n"
                .formatted(xy[0], xy[1], line.colour));
      }
      svg.append(
          "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/>\n"
              .formatted(right + 12, legend - 9, line.colour));
      text(svg, right + 28, legend, "start", line.name);
      legend += 20;
    }
  }

  /** 1, 2 or 5 times a power of ten: at most six to the most. */
  private static double step(double most) {
    double power = Math.pow(10, Math.floor(Math.log10(most / 6)));
    for (int factor : new int[] {1, 2, 5}) {
      if (most / (factor * power) <= 6) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static String number(double value) {
    return value >= 10 || value == Math.rint(value)
        ? "%.0f".formatted(value)
        : String.format(Locale.ROOT, "%.1f", value);
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
            x,
            y,
            anchor,
            text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")));
  }
}
