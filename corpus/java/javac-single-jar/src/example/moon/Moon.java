package example.moon;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Phases by the mean month alone, good to half a day. */
final class Moon {
  private static final double MONTH_IN_DAYS = 29.530588853;
  private static final LocalDateTime NEW_MOON = LocalDateTime.of(2000, 1, 6, 18, 14);

  private Moon() {}

  /** From 0, new, over 4, full, to 7. */
  static int phaseAtNoon(LocalDate day) {
    long seconds =
        day.atTime(12, 0).toEpochSecond(ZoneOffset.UTC) - NEW_MOON.toEpochSecond(ZoneOffset.UTC);
    double age = seconds / 86_400.0 % MONTH_IN_DAYS;
    if (age < 0) age += MONTH_IN_DAYS;
    return (int) Math.round(age / MONTH_IN_DAYS * 8) % 8;
  }
}
