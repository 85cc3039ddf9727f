//! The tables as diesel sees them.

diesel::table! {
    communication_service.anhang_inhalte (email_id, nr) {
        email_id -> BigInt,
        nr -> Integer,
        inhalt -> Binary,
    }
}

diesel::table! {
    communication_service.anrufwuensche (id) {
        id -> BigInt,
        event_key -> Text,
        therapist_id -> Nullable<BigInt>,
        patient_id -> Nullable<BigInt>,
        geplantes_datum -> Nullable<Date>,
        geplante_zeit -> Nullable<Time>,
        dauer_minuten -> Nullable<SmallInt>,
        notizen -> Nullable<Text>,
        therapeutenanfrage_id -> Nullable<BigInt>,
        angefragt_am -> Nullable<Timestamptz>,
        empfangen_am -> Timestamptz,
    }
}

diesel::table! {
    communication_service.consumed_events (event_key) {
        event_key -> Text,
        event_type -> Text,
        topic -> Text,
        partition -> Integer,
        position -> BigInt,
        consumed_at -> Timestamptz,
    }
}

diesel::table! {
    communication_service.email_suchworte (wort, created_at, email_id) {
        wort -> Text,
        created_at -> Timestamptz,
        email_id -> BigInt,
        alle_worte -> Nullable<Text>,
    }
}

diesel::table! {
    communication_service.emails (id) {
        id -> BigInt,
        therapist_id -> Nullable<BigInt>,
        patient_id -> Nullable<BigInt>,
        betreff -> Text,
        inhalt_html -> Text,
        inhalt_text -> Text,
        legal_footer -> Bool,
        empfaenger_email -> Text,
        empfaenger_name -> Text,
        absender_email -> Text,
        absender_name -> Text,
        status -> Text,
        antwort_erhalten -> Bool,
        antwortdatum -> Nullable<Timestamptz>,
        antwortinhalt -> Nullable<Text>,
        antwort_art -> Nullable<Text>,
        nachverfolgung_erforderlich -> Nullable<Bool>,
        nachverfolgung_notizen -> Nullable<Text>,
        in_warteschlange_am -> Nullable<Timestamptz>,
        gesendet_am -> Nullable<Timestamptz>,
        fehlermeldung -> Nullable<Text>,
        fehlerart -> Nullable<Text>,
        wiederholungsanzahl -> Integer,
        naechster_versuch_am -> Nullable<Timestamptz>,
        versucht_am -> Nullable<Timestamptz>,
        message_id -> Text,
        therapeutenanfrage_id -> Nullable<BigInt>,
        senden_ab -> Nullable<Timestamptz>,
        prioritaet -> SmallInt,
        vorlage -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        geloescht_am -> Nullable<Timestamptz>,
        sequence -> BigInt,
        faellig_am -> Nullable<Timestamptz>,
        rang -> SmallInt,
        sperre -> Nullable<Uuid>,
        gesperrt_bis -> Nullable<Timestamptz>,
        anhaenge -> Nullable<Jsonb>,
    }
}

diesel::table! {
    communication_service.erreichbarkeiten (therapist_id) {
        therapist_id -> BigInt,
        erreichbarkeit -> Jsonb,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    communication_service.idempotency_keys (route, key) {
        route -> Text,
        key -> Text,
        body_hash -> Binary,
        status -> SmallInt,
        location -> Nullable<Text>,
        body -> Binary,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    communication_service.kontaktmeldungen (patient_id) {
        patient_id -> BigInt,
        datum -> Date,
        faellig_am -> Nullable<Timestamptz>,
        versuche -> Integer,
        gemeldet_am -> Nullable<Timestamptz>,
        sperre -> Nullable<Uuid>,
        gesperrt_bis -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    communication_service.kontaktstand (art, person_id) {
        art -> Text,
        person_id -> BigInt,
    }
}

diesel::table! {
    communication_service.outbox (id) {
        id -> BigInt,
        event_id -> Uuid,
        event_type -> Text,
        aggregate -> Text,
        aggregate_id -> BigInt,
        sequence -> BigInt,
        topic -> Text,
        key -> Text,
        payload -> Binary,
        traceparent -> Text,
        occurred_at -> Timestamptz,
        published_at -> Nullable<Timestamptz>,
        priority -> SmallInt,
        is_copy -> Bool,
        queued_at -> Timestamptz,
        parked_at -> Nullable<Timestamptz>,
        parked_reason -> Nullable<Text>,
    }
}

diesel::table! {
    communication_service.outbox_failures (reason) {
        reason -> Text,
        failures -> BigInt,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    communication_service.telefonanruf_emails (telefonanruf_id, email_id) {
        telefonanruf_id -> BigInt,
        email_id -> BigInt,
    }
}

diesel::table! {
    communication_service.telefonanrufe (id) {
        id -> BigInt,
        therapist_id -> Nullable<BigInt>,
        patient_id -> Nullable<BigInt>,
        therapeutenanfrage_id -> Nullable<BigInt>,
        geplantes_datum -> Date,
        geplante_zeit -> Time,
        dauer_minuten -> SmallInt,
        status -> Text,
        tatsaechliches_datum -> Nullable<Date>,
        tatsaechliche_zeit -> Nullable<Time>,
        ergebnis -> Nullable<Text>,
        ergebnis_art -> Nullable<Text>,
        wiederholen_nach -> Nullable<Date>,
        wiederholen_zeit -> Nullable<Time>,
        notizen -> Nullable<Text>,
        versuch -> Integer,
        vorgaenger_id -> Nullable<BigInt>,
        bearbeiter -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        geloescht_am -> Nullable<Timestamptz>,
        sequence -> BigInt,
        platz -> Nullable<SmallInt>,
        wiederholung_offen -> Bool,
        kalender_sequenz -> Integer,
        entbehrlich -> Bool,
    }
}

diesel::table! {
    communication_service.versandtakt (id) {
        id -> BigInt,
        empfaenger_domain -> Text,
        begonnen_am -> Timestamptz,
    }
}

diesel::table! {
    communication_service.verzeichnis_kopien (art, person_id) {
        art -> Text,
        person_id -> BigInt,
        daten -> Json,
        abgefragt_am -> Timestamptz,
    }
}
