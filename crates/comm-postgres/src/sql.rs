//! Statements written as SQL whose plans are kept: diesel's own `sql_query` is prepared anew every
//! time, which costs a round trip on the hot paths.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};
use diesel::{QueryResult, RunQueryDsl};
use std::marker::PhantomData;

/// A statement with one `?` per bind, in the order of the binds. Results load by name.
pub(crate) struct Sql {
    text: &'static str,
    binds: Vec<Box<dyn QueryFragment<Pg> + Send>>,
    is_kept: bool,
}

/// Begins a statement.
pub(crate) fn sql(text: &'static str) -> Sql {
    Sql {
        text,
        binds: Vec::new(),
        is_kept: true,
    }
}

impl Sql {
    /// Has it planned by how large its tables are now: a plan that was kept from when one was empty may take hours.
    pub(crate) fn planned_anew(mut self) -> Self {
        self.is_kept = false;
        self
    }

    /// Binds the next `?` as the SQL type `ST`.
    pub(crate) fn bind<ST, V>(mut self, value: V) -> Self
    where
        Pg: HasSqlType<ST>,
        ST: Send + 'static,
        V: ToSql<ST, Pg> + Send + 'static,
    {
        self.binds.push(Box::new(Bind {
            value,
            sql_type: PhantomData::<ST>,
        }));
        self
    }
}

struct Bind<ST, V> {
    value: V,
    sql_type: PhantomData<ST>,
}

impl<ST, V> QueryFragment<Pg> for Bind<ST, V>
where
    Pg: HasSqlType<ST>,
    V: ToSql<ST, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<ST, V>(&self.value)
    }
}

impl QueryFragment<Pg> for Sql {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.is_kept {
            out.unsafe_to_cache_prepared();
        }
        let mut binds = self.binds.iter();
        for (index, part) in self.text.split('?').enumerate() {
            if index > 0 {
                let bind = binds.next().ok_or_else(|| unbound(self.text))?;
                bind.walk_ast(out.reborrow())?;
            }
            out.push_sql(part);
        }
        match binds.next() {
            None => Ok(()),
            Some(_) => Err(unbound(self.text)),
        }
    }
}

fn unbound(text: &str) -> diesel::result::Error {
    diesel::result::Error::QueryBuilderError(
        format!("the binds do not match the statement: {text}").into(),
    )
}

impl QueryId for Sql {
    type QueryId = ();
    // The cache goes by the text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sql {
    type SqlType = Untyped;
}

impl<Conn> RunQueryDsl<Conn> for Sql {}
