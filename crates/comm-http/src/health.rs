//! Whether the service lives, and whether it can work.

use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use comm_ports::outreach::OutreachStore;
use serde_json::json;
use std::sync::Arc;

/// What `/ready` asks.
#[derive(Clone)]
pub struct Readiness(pub Arc<dyn OutreachStore>);

/// Touches nothing: it says that the process serves requests.
pub(crate) async fn health() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "healthy", "service": "communication-service"}))
}

/// 503 without a database or with pending migrations.
pub(crate) async fn ready(readiness: web::Data<Readiness>) -> Result<HttpResponse, Problem> {
    match readiness.0.ready().await {
        Ok(true) => Ok(HttpResponse::Ok().json(json!({"status": "ready"}))),
        Ok(false) => Err(Problem::unavailable(
            "The database has pending migrations: run communication-service migrate",
        )),
        Err(error) => Err(error.into()),
    }
}
