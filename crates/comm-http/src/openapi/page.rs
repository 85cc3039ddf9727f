//! `/openapi.json`, and a page at `/docs` that shows it. All files of the page are inside of the binary.

use super::openapi;
use crate::problem::Problem;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use comm_app::Vorlagen;
use std::sync::{Arc, LazyLock};
use tracing::error;
use utoipa_swagger_ui::Config;

/// Nothing is fetched from anywhere else, not even a badge that tells whether the document is valid.
static PAGE: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/openapi.json").validator_url("none")));

pub(crate) async fn document(vorlagen: web::Data<Vorlagen>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(openapi(&vorlagen.list()?)))
}

/// Its files are named relative to the folder.
pub(crate) async fn to_page() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

pub(crate) async fn file(path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let found = utoipa_swagger_ui::serve(&path, Arc::clone(&PAGE)).map_err(|cause| {
        error!(error = %cause, "The page of the API cannot be shown");
        Problem::internal()
    })?;
    let file = found.ok_or_else(|| Problem::not_found("There is nothing under this path"))?;
    Ok(HttpResponse::Ok()
        .content_type(file.content_type)
        .body(file.bytes.into_owned()))
}
