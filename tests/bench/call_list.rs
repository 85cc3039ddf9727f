//! Calls for the measurement of their list.

use crate::list::Liste;

/// Nearly all, 1,000, 288 (a day), 576 (two days), ten, or no calls of either table.
pub(crate) const ANRUFE: Liste = Liste {
    path: "/api/phone-calls",
    filters: &[
        "",
        "therapist_id=8",
        "patient_id=9",
        "recipient_type=therapist",
        "recipient_type=patient",
        "status=abgeschlossen",
        "status=geplant",
        "status=fehlgeschlagen",
        "status=abgebrochen",
        "bearbeiter=Jana",
        "bearbeiter=Nobody",
        "therapeutenanfrage_id=20",
        "geplantes_datum=2026-01-30",
        "von=2026-01-29&bis=2026-01-30",
        "von=2025-12-30",
    ],
    fill,
};

/// One call every five minutes up to the end of January, so that none overlaps another.
fn fill(rows: u32) -> String {
    format!(
        "INSERT INTO communication_service.telefonanrufe (therapist_id, patient_id, therapeutenanfrage_id, geplantes_datum, \
           geplante_zeit, dauer_minuten, status, tatsaechliches_datum, tatsaechliche_zeit, versuch, bearbeiter, \
           created_at, updated_at, sequence) \
         SELECT CASE nth WHEN 0 THEN NULL WHEN 1 THEN 8 ELSE n % 500 + 100 END, CASE nth WHEN 0 THEN 9 END, \
           CASE nth WHEN 4 THEN 20 ELSE n / 30 + 100 END, at::date, at::time, 5, \
           CASE nth WHEN 2 THEN 'geplant' WHEN 3 THEN 'fehlgeschlagen' ELSE 'abgeschlossen' END, \
           CASE WHEN nth NOT IN (2, 3) THEN at::date END, CASE WHEN nth NOT IN (2, 3) THEN at::time END, 1, \
           CASE nth WHEN 5 THEN 'Jana' ELSE 'Kim' END, now(), now(), 1 \
         FROM generate_series(1, {rows}) n, LATERAL (SELECT n % {step} AS nth, \
           timestamp '2026-02-01' - ({rows} - n) * interval '5 minutes' AS at) moment",
        step = rows / 1000,
    )
}
