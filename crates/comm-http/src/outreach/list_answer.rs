//! A list's envelope (contract, 'Shared rules').

use comm_ports::page::{Page, PageRequest, Position};
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct ListAnswer<T> {
    data: Vec<T>,
    #[serde(flatten)]
    end: ListEnd,
}

/// What follows the rows.
#[derive(Serialize)]
pub(crate) struct ListEnd {
    page: i64,
    pub(crate) limit: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    total_is_capped: bool,
    pub(crate) next_cursor: Option<String>,
}

impl<T> ListAnswer<T> {
    pub(crate) fn new<R>(page: Page<R>, request: &PageRequest) -> Self
    where
        T: From<R>,
    {
        Self {
            end: ListEnd::new(&page, request),
            data: page.rows.into_iter().map(T::from).collect(),
        }
    }
}

impl ListEnd {
    pub(crate) fn new<R>(page: &Page<R>, request: &PageRequest) -> Self {
        Self {
            page: match request.position {
                Position::Page(page) => page,
                Position::After(_) => 1,
            },
            limit: request.limit(),
            total: page.total.map(|total| total.count),
            total_is_capped: page.total.is_some_and(|total| total.capped),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
        }
    }
}
