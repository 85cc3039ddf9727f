//! One page of a list, by number or by keyset cursor (contract, 'Shared rules').

use chrono::{DateTime, Utc};
use std::fmt;
use std::str::FromStr;

/// Most rows of one page.
pub const LIMIT_MAX: i64 = 1000;
/// Rows of one page unless the client says otherwise.
pub const LIMIT_DEFAULT: i64 = 20;
/// Up to here a total is counted exactly.
pub const TOTAL_CAP: i64 = 10_000;
/// The beginning of the earliest year that a date on the wire can have, in microseconds since 1970.
const YEAR_0: i64 = -62_167_219_200_000_000;

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    limit: i64,
    rows: i64,
    /// Where the page begins.
    pub position: Position,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// The nth page, counted from 1.
    Page(i64),
    /// The rows after this one.
    After(Cursor),
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::numbered(1, LIMIT_DEFAULT)
    }
}

impl PageRequest {
    /// A page by number; what is out of bounds is brought to the nearest bound.
    pub fn numbered(page: i64, limit: i64) -> Self {
        Self::new(limit, Position::Page(page.max(1)))
    }

    /// The page after a row.
    pub fn after(cursor: Cursor, limit: i64) -> Self {
        Self::new(limit, Position::After(cursor))
    }

    fn new(limit: i64, position: Position) -> Self {
        let limit = limit.clamp(1, LIMIT_MAX);
        Self {
            limit,
            rows: limit,
            position,
        }
    }

    /// Most rows of the page, 1 to 1000.
    pub fn limit(&self) -> i64 {
        self.limit
    }

    /// The first rows of the same page, at most as many: its `next` is where the rest of it begins.
    #[must_use]
    pub fn first_rows(&self, rows: i64) -> Self {
        Self {
            rows: self.rows.min(rows).max(1),
            ..self.clone()
        }
    }

    /// Most rows that are to be read now, 1 to 1000: the whole page unless [`Self::first_rows`] was asked for.
    pub fn rows(&self) -> i64 {
        self.rows
    }

    /// How many rows come before the page; 0 with a cursor. A page beyond any table is capped.
    pub fn offset(&self) -> i64 {
        match self.position {
            Position::Page(page) => (page - 1).saturating_mul(self.limit),
            Position::After(_) => 0,
        }
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// How many rows there are in all; not counted with a cursor.
    pub total: Option<Total>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// The page of a list that is at hand as a whole. Its cursors count rows.
    pub fn of(all: Vec<T>, request: &PageRequest) -> Self {
        let count = to_i64(all.len());
        let (start, total) = match request.position {
            Position::Page(_) => (
                request.offset(),
                Some(Total {
                    count,
                    capped: false,
                }),
            ),
            Position::After(cursor) => (cursor.id.max(0), None),
        };
        let end = start.saturating_add(request.limit());
        let skipped = usize::try_from(start).unwrap_or(usize::MAX);
        let taken = usize::try_from(request.limit()).unwrap_or(usize::MAX);
        Self {
            rows: all.into_iter().skip(skipped).take(taken).collect(),
            total,
            next: (end < count).then_some(Cursor {
                created_at: DateTime::UNIX_EPOCH,
                id: end,
            }),
        }
    }
}

impl<T> Page<T> {
    /// The same of a list whose rows come and go: its cursors say after which row the next page begins. The list is in
    /// ascending order of `order` of the `place` of its rows.
    pub fn keyed<K: Ord>(
        mut all: Vec<T>,
        request: &PageRequest,
        place: impl Fn(&T) -> Cursor,
        order: impl Fn(&Cursor) -> K,
    ) -> Self {
        if let Position::After(cursor) = request.position {
            let after = order(&cursor);
            all.retain(|row| order(&place(row)) > after);
        }
        let first = match request.position {
            Position::Page(_) => request.clone(),
            Position::After(_) => PageRequest::numbered(1, request.limit()),
        };
        let page = Self::of(all, &first);
        let last = page.rows.last().map(place);
        Self {
            total: page
                .total
                .filter(|_| matches!(request.position, Position::Page(_))),
            next: page.next.and(last),
            rows: page.rows,
        }
    }
}

fn to_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// How many rows match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// The number, at most [`TOTAL_CAP`].
    pub count: i64,
    /// Whether there are more than that.
    pub capped: bool,
}

impl Total {
    /// The same, not counted beyond [`TOTAL_CAP`].
    #[must_use]
    pub fn up_to_the_cap(self) -> Self {
        Self {
            count: self.count.min(TOTAL_CAP),
            capped: self.capped || self.count > TOTAL_CAP,
        }
    }
}

/// The last row of a page: the next page begins after it. Opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The row's instant of creation, or of whatever else the list is in the order of.
    pub created_at: DateTime<Utc>,
    /// The row's id.
    pub id: i64,
}

impl Cursor {
    /// The place of a row that has no instant: before all that have one.
    pub fn without_instant(id: i64) -> Self {
        let first = DateTime::from_timestamp_micros(YEAR_0);
        Self {
            created_at: first.unwrap_or(DateTime::UNIX_EPOCH),
            id,
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.created_at.timestamp_micros(), self.id)
    }
}

/// A text that is no cursor of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cursor must be a value that was answered as next_cursor")]
pub struct InvalidCursor;

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(value: &str) -> Result<Self, InvalidCursor> {
        // What came before 1970 begins with a minus itself.
        let (micros, id) = value.rsplit_once('-').ok_or(InvalidCursor)?;
        let micros = micros.parse().ok().filter(|micros| *micros >= YEAR_0);
        let created_at = micros.and_then(DateTime::from_timestamp_micros);
        Ok(Self {
            created_at: created_at.ok_or(InvalidCursor)?,
            id: id.parse().map_err(|_| InvalidCursor)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(request: &PageRequest) -> Page<i32> {
        Page::of(vec![1, 2, 3, 4, 5], request)
    }

    #[test]
    fn a_list_at_hand_is_cut_into_pages() {
        let total = Some(Total {
            count: 5,
            capped: false,
        });
        for (number, limit, rows, more) in [
            (1, 2, vec![1, 2], true),
            (3, 2, vec![5], false),
            (1, 5, vec![1, 2, 3, 4, 5], false),
            (2, 5, vec![], false),
            (i64::MAX, 1000, vec![], false),
        ] {
            let page = page(&PageRequest::numbered(number, limit));
            assert_eq!((page.rows, page.total), (rows, total));
            assert_eq!(page.next.is_some(), more, "page {number} of {limit}");
        }
    }

    #[test]
    fn a_keyed_page_begins_after_its_cursor_whatever_has_left_before_it() {
        let place = |row: &i64| Cursor::without_instant(*row);
        let keyed = |rows: &[i64], request: &PageRequest| {
            Page::keyed(rows.to_vec(), request, place, |cursor| cursor.id)
        };
        let first = keyed(&[1, 2, 3, 4, 5], &PageRequest::numbered(1, 2));
        assert_eq!(
            (&first.rows[..], first.total.map(|all| all.count)),
            (&[1, 2][..], Some(5))
        );
        let next: Cursor = first.next.unwrap().to_string().parse().unwrap();
        let second = keyed(&[3, 4, 5], &PageRequest::after(next, 2));
        assert_eq!((&second.rows[..], second.total), (&[3, 4][..], None));
        let last = keyed(&[3, 4, 5], &PageRequest::after(second.next.unwrap(), 2));
        assert_eq!((&last.rows[..], last.next), (&[5][..], None));
    }

    #[test]
    fn a_cursor_may_stand_at_any_date_that_the_wire_can_say_and_at_none_before() {
        let cursor = |micros: i64| format!("{micros}-5").parse::<Cursor>();
        for micros in [YEAR_0, -1, 0, 253_402_300_799_999_999] {
            let cursor = cursor(micros).expect("a cursor of ours");
            assert_eq!((cursor.to_string(), cursor.id), (format!("{micros}-5"), 5));
        }
        assert_eq!(cursor(YEAR_0 - 1), Err(InvalidCursor));
        for wrong in ["5", "1-2-3", "--1-5", "1--5x", "-5", "1-", ""] {
            assert_eq!(wrong.parse::<Cursor>(), Err(InvalidCursor), "{wrong}");
        }
    }

    #[test]
    fn its_cursors_lead_through_all_of_it() {
        let mut request = PageRequest::numbered(1, 2);
        let mut rows = Vec::new();
        loop {
            let page = page(&request);
            rows.extend(page.rows);
            let Some(next) = page.next else { break };
            let next = next.to_string().parse().expect("a cursor of ours");
            request = PageRequest::after(next, 2);
        }
        assert_eq!(rows, [1, 2, 3, 4, 5]);
    }
}
