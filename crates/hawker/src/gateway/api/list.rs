//! Lists come in pages: `?limit=` and `?cursor=`, `{ "items": [...], "next": "…" | null }`.

use super::problem::Problem;
use serde::{Deserialize, Serialize};

/// Items of a page, if nobody says how many.
const LIMIT: usize = 50;
/// And at most.
const LIMIT_MAX: usize = 200;

/// Which page is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Paging {
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Paging {
    /// How many items a page has.
    pub fn limit(&self) -> Result<usize, Problem> {
        match self.limit.unwrap_or(LIMIT) {
            limit @ 1..=LIMIT_MAX => Ok(limit),
            _ => Err(Problem::field("limit", format!("1 to {LIMIT_MAX}"))),
        }
    }

    /// Where the page begins, as the page before said it.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// For lists with the newest first: the page has what has smaller numbers than this.
    pub fn below(&self) -> Result<i64, Problem> {
        match &self.cursor {
            None => Ok(i64::MAX),
            Some(cursor) => cursor.parse().map_err(|_| bad_cursor()),
        }
    }
}

/// A cursor that we have not given out.
pub fn bad_cursor() -> Problem {
    Problem::field("cursor", "not one of ours")
}

/// A page.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins, if there is one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// All that there is.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// A page of so many, if one more was looked for: the next begins where this one ends.
    pub fn of(mut items: Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(cursor);
        Self { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_says_so() {
        let page = Page::of(vec![9, 7, 5], 2, i32::to_string);
        assert_eq!((page.items, page.next.as_deref()), (vec![9, 7], Some("7")));
        let page = Page::of(vec![9, 7], 2, i32::to_string);
        assert_eq!((page.items, page.next), (vec![9, 7], None));
    }

    #[test]
    fn pages_are_bounded() {
        let paging = |limit| Paging { limit, cursor: None };
        assert_eq!(paging(None).limit().unwrap(), 50);
        assert_eq!(paging(Some(200)).limit().unwrap(), 200);
        assert!(paging(Some(0)).limit().is_err() && paging(Some(201)).limit().is_err());
        assert!(Paging { limit: None, cursor: Some("x".into()) }.below().is_err());
    }
}
