//! Who has stored how much, and who asks how often.
//!
//! The sums are kept in memory, a few dozen bytes for each user who has files or asked lately; they are read from the
//! table when the server starts.

use crate::{FileBounds, Refused};
use hawker_core::file::SHOP;
use hawker_core::{AppId, Time, UserId};
use hawker_store::Usage;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

const DAY_MS: u64 = 24 * 3600 * 1000;
const MINUTE_MS: u64 = 60_000;

/// The beginning of a day (UTC).
pub fn day_start(now: Time) -> Time {
    Time(now.0 - now.0 % DAY_MS)
}

/// The bounds that are watched here; see [`FileBounds`].
#[derive(Clone, Copy, Debug)]
pub struct QuotaBounds {
    user_bytes_max: u64,
    user_bytes_per_day: u64,
    app_bytes_max: u64,
    app_bytes_per_day: u64,
    signatures_per_minute: u32,
    uploads_per_user_max: u32,
}

impl QuotaBounds {
    pub fn of(bounds: &FileBounds) -> Self {
        Self {
            user_bytes_max: bounds.user_bytes_max,
            user_bytes_per_day: bounds.user_bytes_per_day,
            app_bytes_max: bounds.app_bytes_max,
            app_bytes_per_day: bounds.app_bytes_per_day,
            signatures_per_minute: bounds.signatures_per_minute,
            uploads_per_user_max: bounds.uploads_per_user_max,
        }
    }
}

/// Bytes of somebody: in all, and of one day.
#[derive(Default, Debug)]
struct Sum {
    bytes: u64,
    day: u64,
    of_day: u64,
}

impl Sum {
    /// Turns the page when a new day has begun. A file that began to come in yesterday does not turn it back.
    fn open(&mut self, day: u64) -> &mut Self {
        if self.day < day {
            (self.day, self.of_day) = (day, 0);
        }
        self
    }

    /// Bytes of a day, as long as it is today.
    fn of(&self, day: u64) -> u64 {
        if self.day == day { self.of_day } else { 0 }
    }

    /// Counts for the day on which the file began to come in.
    fn add(&mut self, bytes: u64, day: u64) {
        self.bytes += bytes;
        if self.day == day {
            self.of_day += bytes;
        }
    }

    /// Gives back what was added on a day.
    fn take(&mut self, bytes: u64, day: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
        if self.day == day {
            self.of_day = self.of_day.saturating_sub(bytes);
        }
    }
}

fn day(now: Time) -> u64 {
    now.0 / DAY_MS
}

#[derive(Default, Debug)]
struct UserLine {
    sum: Sum,
    uploading: u32,
    /// Addresses given out in the minute that began then.
    minute: u64,
    signed: u32,
}

/// See the module.
#[derive(Debug)]
pub struct Books {
    bounds: QuotaBounds,
    users: HashMap<(AppId, UserId), UserLine>,
    apps: HashMap<AppId, Sum>,
}

impl Books {
    pub fn new(bounds: QuotaBounds) -> Self {
        Self { bounds, users: HashMap::new(), apps: HashMap::new() }
    }

    /// What was stored before the server started.
    pub fn load(&mut self, now: Time, usage: &Usage) {
        let line = self.users.entry((usage.app, usage.user.clone())).or_default();
        for sum in [&mut line.sum, self.apps.entry(usage.app).or_default()] {
            let sum = sum.open(day(now));
            sum.bytes += usage.bytes;
            sum.of_day += usage.since;
        }
    }

    /// One more address for a user, if there is room for a file of so many bytes.
    pub fn sign(&mut self, app: AppId, user: &UserId, bytes: u64, now: Time) -> Result<(), Refused> {
        self.room_for(app, user, bytes, now)?;
        let most = self.bounds.signatures_per_minute;
        let line = self.users.entry((app, user.clone())).or_default();
        let minute = now.0 / MINUTE_MS;
        if line.minute != minute {
            (line.minute, line.signed) = (minute, 0);
        }
        if line.signed >= most {
            return Err(Refused::TooOften(most));
        }
        line.signed += 1;
        Ok(())
    }

    fn room_for(&mut self, app: AppId, user: &UserId, more: u64, now: Time) -> Result<(), Refused> {
        let (bounds, day) = (self.bounds, day(now));
        let line = self.users.entry((app, user.clone())).or_default();
        let (mine, all) = (line.sum.open(day), self.apps.entry(app).or_default().open(day));
        let over = |have: u64, most: u64| have.saturating_add(more) > most;
        let a_users = user.as_str() != SHOP;
        if a_users && over(mine.bytes, bounds.user_bytes_max) {
            return Err(Refused::UserFull(bounds.user_bytes_max));
        }
        if a_users && over(mine.of(day), bounds.user_bytes_per_day) {
            return Err(Refused::UserDayFull(bounds.user_bytes_per_day));
        }
        if over(all.bytes, bounds.app_bytes_max) {
            return Err(Refused::AppFull(bounds.app_bytes_max));
        }
        if over(all.of(day), bounds.app_bytes_per_day) {
            return Err(Refused::AppDayFull(bounds.app_bytes_per_day));
        }
        Ok(())
    }

    /// A file is gone.
    pub fn removed(&mut self, app: AppId, user: &UserId, bytes: u64) {
        // What was sent today counts for today even if it is gone by now.
        if let Some(line) = self.users.get_mut(&(app, user.clone())) {
            line.sum.bytes = line.sum.bytes.saturating_sub(bytes);
        }
        if let Some(sum) = self.apps.get_mut(&app) {
            sum.bytes = sum.bytes.saturating_sub(bytes);
        }
    }

    /// Forgets users about whom there is nothing to know.
    pub fn forget_idle(&mut self, now: Time) {
        self.users.retain(|_, line| {
            let sent = line.sum.bytes > 0 || line.sum.of(day(now)) > 0;
            sent || line.uploading > 0 || line.minute == now.0 / MINUTE_MS
        });
    }
}

/// Room that one incoming file holds; given back when it is dropped, unless it is kept.
#[derive(Debug)]
pub struct Hold {
    books: Arc<Mutex<Books>>,
    app: AppId,
    user: UserId,
    bytes: u64,
    now: Time,
    kept: bool,
}

impl Hold {
    /// A user begins to send a file.
    pub fn begin(books: &Arc<Mutex<Books>>, app: AppId, user: &UserId, now: Time) -> Result<Self, Refused> {
        let mut guard = books.lock().expect("nobody panics while holding the books");
        let most = guard.bounds.uploads_per_user_max;
        let line = guard.users.entry((app, user.clone())).or_default();
        if line.uploading >= most {
            return Err(Refused::UserBusy(most));
        }
        line.uploading += 1;
        Ok(Self { books: books.clone(), app, user: user.clone(), bytes: 0, now, kept: false })
    }

    /// Holds at least so many bytes.
    pub fn at_least(&mut self, bytes: u64) -> Result<(), Refused> {
        let Some(more) = bytes.checked_sub(self.bytes).filter(|more| *more > 0) else { return Ok(()) };
        let mut books = self.books.lock().expect("nobody panics while holding the books");
        books.room_for(self.app, &self.user, more, self.now)?;
        let line = books.users.entry((self.app, self.user.clone())).or_default();
        line.sum.add(more, day(self.now));
        books.apps.entry(self.app).or_default().add(more, day(self.now));
        self.bytes += more;
        Ok(())
    }

    /// The file is stored: what it holds is its own.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut books = self.books.lock().expect("nobody panics while holding the books");
        let (day, back) = (day(self.now), if self.kept { 0 } else { self.bytes });
        if let Some(line) = books.users.get_mut(&(self.app, self.user.clone())) {
            line.uploading = line.uploading.saturating_sub(1);
            line.sum.take(back, day);
        }
        if let Some(sum) = books.apps.get_mut(&self.app) {
            sum.take(back, day);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: AppId = AppId(1);

    fn books() -> Arc<Mutex<Books>> {
        Arc::new(Mutex::new(Books::new(QuotaBounds {
            user_bytes_max: 100,
            user_bytes_per_day: 60,
            app_bytes_max: 150,
            app_bytes_per_day: 110,
            signatures_per_minute: 2,
            uploads_per_user_max: 1,
        })))
    }

    fn put(books: &Arc<Mutex<Books>>, user: &str, bytes: u64, now: Time) -> Result<(), Refused> {
        let mut hold = Hold::begin(books, APP, &user.into(), now)?;
        hold.at_least(bytes)?;
        hold.keep();
        Ok(())
    }

    #[test]
    fn each_bound_says_no_by_itself() {
        let (day, next) = (Time(0), Time(DAY_MS));
        let all = books();
        put(&all, "a", 60, day).unwrap();
        assert!(matches!(put(&all, "a", 1, day), Err(Refused::UserDayFull(60))));
        assert!(matches!(put(&all, "b", 51, day), Err(Refused::AppDayFull(110))));
        assert!(matches!(put(&all, "a", 41, next), Err(Refused::UserFull(100))));
        put(&all, "a", 40, next).unwrap();
        put(&all, "b", 50, next).unwrap();
        assert!(matches!(put(&all, "c", 1, next), Err(Refused::AppFull(150))));
        all.lock().unwrap().removed(APP, &"a".into(), 60);
        put(&all, "c", 1, next).unwrap();
    }

    #[test]
    fn the_shop_has_only_the_bounds_of_its_app() {
        let all = books();
        put(&all, SHOP, 110, Time(0)).unwrap();
        assert!(matches!(put(&all, SHOP, 1, Time(0)), Err(Refused::AppDayFull(110))));
    }

    #[test]
    fn what_was_not_stored_is_given_back() {
        let all = books();
        let mut hold = Hold::begin(&all, APP, &"a".into(), Time(0)).unwrap();
        hold.at_least(60).unwrap();
        hold.at_least(10).unwrap();
        assert!(matches!(Hold::begin(&all, APP, &"a".into(), Time(0)), Err(Refused::UserBusy(1))));
        drop(hold);
        put(&all, "a", 60, Time(0)).unwrap();
    }

    #[test]
    fn a_file_that_began_yesterday_does_not_begin_the_day_anew() {
        let (yesterday, today) = (Time(DAY_MS - 1), Time(DAY_MS));
        let all = books();
        all.lock().unwrap().bounds.uploads_per_user_max = 2;
        let mut slow = Hold::begin(&all, APP, &"a".into(), yesterday).unwrap();
        slow.at_least(10).unwrap();
        put(&all, "a", 60, today).unwrap();
        slow.at_least(20).unwrap();
        assert!(matches!(put(&all, "a", 1, today), Err(Refused::UserDayFull(60))));
        drop(slow);
        assert!(matches!(put(&all, "a", 1, today), Err(Refused::UserDayFull(60))), "nor when it is given up");
        put(&all, "a", 40, Time(2 * DAY_MS)).unwrap();
    }

    #[test]
    fn addresses_are_counted_by_the_minute() {
        let all = books();
        let sign = |now| all.lock().unwrap().sign(APP, &"a".into(), 1, now);
        sign(Time(0)).unwrap();
        sign(Time(1)).unwrap();
        assert!(matches!(sign(Time(2)), Err(Refused::TooOften(2))));
        sign(Time(MINUTE_MS)).unwrap();
        put(&all, "a", 60, Time(MINUTE_MS)).unwrap();
        assert!(matches!(sign(Time(MINUTE_MS)), Err(Refused::UserDayFull(60))));
    }

    #[test]
    fn only_users_without_anything_are_forgotten() {
        let all = books();
        put(&all, "a", 1, Time(0)).unwrap();
        all.lock().unwrap().sign(APP, &"b".into(), 1, Time(0)).unwrap();
        all.lock().unwrap().forget_idle(Time(0));
        assert_eq!(all.lock().unwrap().users.len(), 2);
        all.lock().unwrap().forget_idle(Time(DAY_MS));
        assert_eq!(all.lock().unwrap().users.len(), 1);
    }
}
