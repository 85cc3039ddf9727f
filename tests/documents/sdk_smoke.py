"""Uses the generated client as the Matching Service would, against the service at the given address."""

import sys

from communication_service_client import Client
from communication_service_client.api.emails import create_email, get_email, list_emails, update_email
from communication_service_client.api.phone_calls import create_telefonanruf, update_telefonanruf
from communication_service_client.models import (
    Email,
    EmailChange,
    EmailField,
    EmailStatus,
    NewEmail,
    NewEmailStatus,
    NewEmailVorlageDatenType0,
    NewTelefonanruf,
    Problem,
    RecipientType,
    Telefonanruf,
    TelefonanrufChange,
    TelefonanrufStatus,
)

client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)

draft = create_email.sync(
    client=client,
    idempotency_key="bundle-5",
    body=NewEmail(
        therapist_id=7,
        therapeutenanfrage_id=5,
        empfaenger_email="praxis@example.org",
        empfaenger_name="Dr. Ada Beispiel",
        vorlage="follow_up",
        vorlage_daten=NewEmailVorlageDatenType0.from_dict(
            {"anrede": "Sehr geehrte Frau Dr. Beispiel", "anfrage_vom": "2026-11-20", "ansprechpartner": "Jana Muster"}
        ),
    ),
)
assert isinstance(draft, Email), draft
assert draft.status is EmailStatus.ENTWURF and draft.recipient_type is RecipientType.THERAPIST

queued = update_email.sync(draft.id, client=client, body=EmailChange(status=EmailStatus.IN_WARTESCHLANGE))
assert isinstance(queued, Email) and queued.in_warteschlange_am is not None, queued

read = get_email.sync(draft.id, client=client)
assert isinstance(read, Email) and read.betreff.startswith("Erinnerung"), read
assert read.created_at.tzinfo is not None and read.therapeutenanfrage_id == 5

page = list_emails.sync(client=client, therapist_id=7, fields=[EmailField.ID, EmailField.BETREFF])
assert [row.id for row in page.data] == [draft.id] and page.total == 1, page

refused = update_email.sync_detailed(draft.id, client=client, body=EmailChange(betreff="Zu spät"))
assert refused.status_code == 409 and isinstance(refused.parsed, Problem), refused
assert refused.parsed.status == 409 and refused.parsed.message.startswith("betreff cannot be changed"), refused.parsed

invalid = create_email.sync_detailed(
    client=client,
    body=NewEmail(
        betreff="Anfrage",
        inhalt_text="Guten Tag",
        empfaenger_email="praxis@example.org",
        empfaenger_name="Dr. Ada Beispiel",
        status=NewEmailStatus.ENTWURF,
    ),
)
assert isinstance(invalid.parsed, Problem), invalid
assert invalid.parsed.message == "Either therapist_id or patient_id is required", invalid.parsed

missing = get_email.sync(999_999, client=client)
assert isinstance(missing, Problem) and missing.message == "Email not found", missing

call = create_telefonanruf.sync(client=client, body=NewTelefonanruf(therapist_id=7, therapeutenanfrage_id=5))
assert isinstance(call, Telefonanruf), call
assert call.status is TelefonanrufStatus.GEPLANT and call.dauer_minuten == 5 and call.hinweise == [], call

failed = update_telefonanruf.sync(
    call.id, client=client, body=TelefonanrufChange(status=TelefonanrufStatus.FEHLGESCHLAGEN)
)
assert isinstance(failed, Telefonanruf) and failed.naechster_anruf_id, failed

taken = create_telefonanruf.sync_detailed(
    client=client,
    body=NewTelefonanruf(therapist_id=7, geplantes_datum="2099-01-05", geplante_zeit="10:00"),
)
assert taken.status_code == 201, taken
again = create_telefonanruf.sync_detailed(
    client=client,
    body=NewTelefonanruf(therapist_id=7, geplantes_datum="2099-01-05", geplante_zeit="10:00"),
)
assert isinstance(again.parsed, Problem) and again.parsed.message == "Slot already booked", again

print("The client works.")
