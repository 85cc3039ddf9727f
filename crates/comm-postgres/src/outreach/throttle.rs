//! Claims under a limit per recipient domain, in any minute and over all instances: every attempt leaves
//! a row that is forgotten after a minute. Mails above the limit stay where they are in the queue.

use super::email_row::row_columns;
use crate::sql::{Sql, sql};
use comm_ports::outreach::Claim;
use diesel::sql_types::{BigInt, Double, Uuid as SqlUuid};
use std::num::NonZeroU32;

/// A quoted local part may have an `@` of its own, a domain never has.
macro_rules! domain {
    () => {
        "lower(substring(empfaenger_email FROM '[^@]*$'))"
    };
}

/// One claim at a time: what another one has begun is committed by then, and counted. The key is any
/// number that nobody else uses for an advisory lock; "COMTAKT" in ASCII.
const LOCK: &str = "SELECT pg_advisory_xact_lock(x'00434F4D54414B54'::bigint)";

const CLAIM: &str = concat!(
    "WITH forgotten AS ( \
       DELETE FROM communication_service.versandtakt \
       WHERE begonnen_am <= clock_timestamp() - interval '1 minute'), \
     begun AS ( \
       SELECT empfaenger_domain, count(*) AS mails FROM communication_service.versandtakt \
       WHERE begonnen_am > clock_timestamp() - interval '1 minute' GROUP BY empfaenger_domain), \
     waiting AS ( \
       SELECT id, ",
    domain!(),
    " AS empfaenger_domain, \
         row_number() OVER (PARTITION BY ",
    domain!(),
    " ORDER BY rang, faellig_am, id) AS nth \
       FROM communication_service.emails \
       WHERE status = 'In_Warteschlange' AND faellig_am <= clock_timestamp()), \
     due AS MATERIALIZED ( \
       SELECT emails.id, waiting.empfaenger_domain FROM communication_service.emails \
       JOIN waiting ON waiting.id = emails.id \
       LEFT JOIN begun ON begun.empfaenger_domain = waiting.empfaenger_domain \
       WHERE emails.status = 'In_Warteschlange' AND emails.faellig_am <= clock_timestamp() \
         AND waiting.nth + coalesce(begun.mails, 0) <= ? \
       ORDER BY emails.rang, emails.faellig_am LIMIT ? FOR UPDATE OF emails SKIP LOCKED), \
     taken AS ( \
       INSERT INTO communication_service.versandtakt (empfaenger_domain, begonnen_am) \
       SELECT empfaenger_domain, clock_timestamp() FROM due) \
     UPDATE communication_service.emails SET status = 'Wird_gesendet', sperre = ?, \
       gesperrt_bis = clock_timestamp() + make_interval(secs => ?), versucht_am = clock_timestamp() \
     FROM due WHERE emails.id = due.id RETURNING ",
    row_columns!()
);

/// A domain is free again when the oldest attempt that fills its minute is forgotten.
const NEXT_DUE: &str = concat!(
    "SELECT CAST(extract(epoch FROM min(greatest(waiting.faellig_am, takt.frei_ab)) - clock_timestamp()) \
       AS double precision) AS secs \
     FROM (SELECT ",
    domain!(),
    " AS empfaenger_domain, min(faellig_am) AS faellig_am \
       FROM communication_service.emails WHERE status = 'In_Warteschlange' GROUP BY 1) AS waiting \
     LEFT JOIN LATERAL ( \
       SELECT begonnen_am + interval '1 minute' AS frei_ab FROM communication_service.versandtakt \
       WHERE versandtakt.empfaenger_domain = waiting.empfaenger_domain \
       ORDER BY begonnen_am DESC OFFSET ? LIMIT 1) AS takt ON true"
);

/// To be run before [`claim`], in its transaction.
pub(crate) fn lock() -> Sql {
    sql(LOCK)
}

/// Claims emails, at most `most` of one domain together with those of the last minute.
pub(crate) fn claim(claim: &Claim, most: NonZeroU32) -> Sql {
    sql(CLAIM)
        .bind::<BigInt, _>(i64::from(most.get()))
        .bind::<BigInt, _>(i64::try_from(claim.limit).unwrap_or(i64::MAX))
        .bind::<SqlUuid, _>(claim.sperre)
        .bind::<Double, _>(claim.lease.as_secs_f64())
}

/// How long until a mail may be claimed.
pub(crate) fn next_due(most: NonZeroU32) -> Sql {
    sql(NEXT_DUE).bind::<BigInt, _>(i64::from(most.get()) - 1)
}
