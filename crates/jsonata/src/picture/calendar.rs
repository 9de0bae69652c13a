//! The calendar: milliseconds since 1970 and what they are called, in UTC.

const DAY_MS: i64 = 86_400_000;
/// What JavaScript's dates can hold, to either side of 1970.
const MILLIS_MAX: i64 = 8_640_000_000_000_000;

/// A point in time, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) date: Date,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) millisecond: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    pub(super) day: i64,
    /// Days since 1970.
    number: i64,
}

impl Moment {
    /// Nothing for what is beyond JavaScript's dates.
    pub(super) fn of_millis(millis: i64) -> Option<Self> {
        if millis.checked_abs()? > MILLIS_MAX {
            return None;
        }
        let rest = millis.rem_euclid(DAY_MS);
        Some(Self {
            date: Date::of_number(millis.div_euclid(DAY_MS)),
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1_000 % 60,
            millisecond: rest % 1_000,
        })
    }
}

/// Milliseconds of a date and a time whose parts may be beyond their ranges, as JavaScript adds them up; `month` is
/// from 0. Nothing for what is beyond JavaScript's dates.
pub(super) fn millis(date: [i64; 3], time: [i64; 4]) -> Option<i64> {
    let [year, month, day] = date;
    if date.iter().chain(&time).any(|part| part.abs() > MILLIS_MAX) || year.abs() > 1_000_000 {
        return None;
    }
    // JavaScript takes two digits for a year of the last century.
    let year = if (0..100).contains(&year) { year + 1_900 } else { year };
    let year = year.checked_add(month.div_euclid(12))?;
    if year.abs() > 1_000_000 {
        return None;
    }
    let days = number_of(year, month.rem_euclid(12) + 1, 1).checked_add(day - 1)?;
    let units = [3_600_000, 60_000, 1_000, 1];
    let millis = time
        .iter()
        .zip(units)
        .try_fold(days.checked_mul(DAY_MS)?, |sum, (part, unit)| sum.checked_add(part.checked_mul(unit)?))?;
    (millis.abs() <= MILLIS_MAX).then_some(millis)
}

impl Date {
    /// The date that is so many days after 1970 began: counted in years that begin in March, in cycles of 400.
    fn of_number(number: i64) -> Self {
        let shifted = number + 719_468;
        let (cycle, of_cycle) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let years = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
        let of_year = of_cycle - (365 * years + years / 4 - years / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = years + cycle * 400 + i64::from(month <= 2);
        Self { year, month, day, number }
    }

    /// From 1, Monday, to 7.
    pub(super) fn weekday(self) -> i64 {
        (self.number + 3).rem_euclid(7) + 1
    }

    /// From 1.
    pub(super) fn day_of_year(self) -> i64 {
        self.number - number_of(self.year, 1, 1) + 1
    }

    /// The Thursday of its week, which says in which month and year the week is.
    pub(super) fn thursday(self) -> Self {
        Self::of_number(self.number + 4 - self.weekday())
    }

    /// The number of its week in the year, as ISO 8601 counts.
    pub(super) fn week(self) -> i64 {
        (self.thursday().day_of_year() - 1) / 7 + 1
    }
}

fn number_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (cycle, of_cycle) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    cycle * 146_097 + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_apart_and_putting_together_give_the_same_time() {
        let mut at = -8_000_000_000_000_000_i64;
        while at < 8_000_000_000_000_000 {
            let Moment { date, hour, minute, second, millisecond } = Moment::of_millis(at).unwrap();
            if !(0..100).contains(&date.year) {
                let together =
                    millis([date.year, date.month - 1, date.day], [hour, minute, second, millisecond]);
                assert_eq!(together, Some(at));
            }
            at += 7_777_777_777_777;
        }
    }

    #[test]
    fn a_leap_day_has_its_names() {
        let date = Moment::of_millis(1_709_164_800_000).unwrap().date;
        assert_eq!((date.year, date.month, date.day), (2024, 2, 29));
        assert_eq!((date.weekday(), date.day_of_year(), date.week()), (4, 60, 9));
    }

    #[test]
    fn days_beyond_a_month_go_into_the_next() {
        assert_eq!(millis([2018, 1, 30], [0, 0, 0, 0]), millis([2018, 2, 2], [0, 0, 0, 0]));
    }
}
