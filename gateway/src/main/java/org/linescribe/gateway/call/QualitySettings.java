package org.linescribe.gateway.call;

import java.time.Duration;
import java.util.Optional;
import org.linescribe.session.calls.QualityThresholds;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** How the quality of calls is watched. */
@SettingsGroup("linescribe.quality")
public record QualitySettings(
    @Setting(
            "Each leg's loss, jitter and MOS are taken so often, for the plot of a call and for"
                + " alerts. A call keeps at most 120 samples of a leg: of long ones neighbours are"
                + " merged, the worse counts.")
        @Default("5s")
        @Range("100ms to 5m")
        Duration interval,
    @Setting(
            "A leg whose MOS in one interval is below it raises the webhook event quality.alert,"
                + " once in a call, and once more when it is better again: 1.0 to 4.5; 0: none."
                + " Below 3.6 many listeners are dissatisfied, below 2.6 nearly all.")
        @Default("2.6")
        String alertMos,
    @Setting(
            "The same for a loss in one interval above it, in per cent: 0.1 to 100; 0: none. Lost"
                + " packets become silence, and words are missing.")
        @Default("10")
        String alertLoss) {

  private static final double BEST_MOS = 4.5;
  private static final double ALL_PERCENT = 100;

  public QualitySettings {
    SettingsCheck.ranges(QualitySettings.class, interval);
    SettingsCheck.require(
        number(alertMos).filter(mos -> mos == 0 || mos >= 1 && mos <= BEST_MOS).isPresent(),
        "linescribe.quality.alert-mos",
        "'" + alertMos + "'",
        "1.0 to 4.5, or 0");
    SettingsCheck.require(
        number(alertLoss)
            .filter(loss -> loss == 0 || loss >= 0.1 && loss <= ALL_PERCENT)
            .isPresent(),
        "linescribe.quality.alert-loss",
        "'" + alertLoss + "'",
        "0.1 to 100, or 0");
  }

  private static Optional<Double> number(String text) {
    return text.matches("\\d{1,3}(\\.\\d{1,3})?")
        ? Optional.of(Double.parseDouble(text))
        : Optional.empty();
  }

  QualityThresholds thresholds() {
    return new QualityThresholds(number(alertMos).orElse(0.0), number(alertLoss).orElse(0.0));
  }

  public static QualitySettings defaults() {
    return SettingsDefaults.of(QualitySettings.class);
  }
}
