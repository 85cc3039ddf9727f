//! The connection pool, with a time-out on everything.

use crate::config::DatabaseConfig;
use crate::connect::{Limits, Silence, establish};
use deadpool::Runtime;
use deadpool::managed::QueueMode;
use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{
    BuildError, Hook, HookError, Object, Pool as DeadPool,
};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use futures_util::FutureExt;
use secrecy::ExposeSecret;
use thiserror::Error;
use tokio::runtime::Handle;

pub(crate) type Pool = DeadPool<AsyncPgConnection>;
pub(crate) type Conn = Object<AsyncPgConnection>;

/// Why the pool could not be prepared.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The pool refused its configuration.
    #[error("the connection pool cannot be built")]
    Pool(#[from] BuildError),
}

pub(crate) fn build(config: &DatabaseConfig) -> Result<Pool, ConnectError> {
    let mut manager = ManagerConfig::<AsyncPgConnection>::default();
    // A closed connection is noticed without a query: diesel-async asks the socket.
    manager.recycling_method = RecyclingMethod::Fast;
    let setup = session_limits(config);
    let silence = Silence::default();
    let limits = Limits {
        within: config.connect_timeout(),
        patience: Some(config.patience()),
        silence: silence.clone(),
    };
    // A connection's driver must outlive the runtime of the API thread that happens to ask for it.
    let runtime = Handle::current();
    manager.custom_setup = Box::new(move |url| {
        let url = url.to_owned();
        let (setup, limits) = (setup.clone(), limits.clone());
        let connect = runtime.spawn(async move { establish(&url, &setup, &limits).await });
        async move {
            connect
                .await
                .unwrap_or_else(|gone| Err(ConnectionError::BadConnection(gone.to_string())))
        }
        .boxed()
    });
    let manager =
        AsyncDieselConnectionManager::new_with_config(config.url.expose_secret(), manager);
    Ok(Pool::builder(manager)
        .max_size(config.pool_size)
        // The connection that was used last has its plans at hand.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .pre_recycle(Hook::sync_fn(move |_, metrics| {
            match silence.is_over(metrics.recycled.unwrap_or(metrics.created)) {
                true => Ok(()),
                false => Err(HookError::message("another one was silent since")),
            }
        }))
        .wait_timeout(Some(config.acquire_timeout()))
        .build()?)
}

/// No statement of ours reads so much that compiling it pays off; PostgreSQL thinks so of lists that end early, and takes
/// up to 100 ms for it. What is read under a lock must be what was committed before the lock was there, whatever the
/// database's default.
fn session_limits(config: &DatabaseConfig) -> String {
    format!(
        "SET jit = off; SET default_transaction_isolation = 'read committed'; SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {}",
        config.statement_timeout_ms, config.idle_in_transaction_timeout_ms
    )
}
