//! Telephone hours kept by hand, in their canonical spelling.

use crate::sql::{Sql, sql};
use comm_domain::outreach::Erreichbarkeit;
use comm_ports::error::StoreError;
use diesel::sql_types::{BigInt, Jsonb};

const SAVE: &str = "INSERT INTO communication_service.erreichbarkeiten (therapist_id, erreichbarkeit) VALUES (?, ?) \
     ON CONFLICT (therapist_id) DO UPDATE SET erreichbarkeit = excluded.erreichbarkeit, \
       updated_at = excluded.updated_at";
const CLEAR: &str = "DELETE FROM communication_service.erreichbarkeiten WHERE therapist_id = ?";

/// Stores hours, or clears them.
pub(super) fn save(
    therapist_id: i64,
    erreichbarkeit: Option<&Erreichbarkeit>,
) -> Result<Sql, StoreError> {
    let Some(hours) = erreichbarkeit else {
        return Ok(sql(CLEAR).bind::<BigInt, _>(therapist_id));
    };
    let hours = serde_json::to_value(hours).map_err(|error| StoreError::Encoding(error.into()))?;
    Ok(sql(SAVE)
        .bind::<BigInt, _>(therapist_id)
        .bind::<Jsonb, _>(hours))
}
