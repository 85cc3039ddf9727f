"""What schemathesis cannot find in the document."""

import datetime
import uuid

import schemathesis
from hypothesis import strategies as st

# A path is only good if there is such a file; the test puts this one there.
PATH = "formulare/antrag.pdf"
schemathesis.openapi.format("attachment-path", st.just(PATH))

# Why a well-formed request may be a 400 all the same: by the clock, by what is stored, by two fields together.
REFUSALS = {
    "create_telefonanruf": ["must not lie in the past", "No available slots found for this"],
    "update_telefonanruf": ["must not lie in the past", "wiederholen_nach is required"],
    "list_slots": ["von and bis must be the first and the last"],
    "set_kontaktsperre": ["bis must not lie in the past"],
    "list_kontaktierbare": ["am must not lie in the past"],
    "simulate_kontaktregeln": ["am must not lie in the past"],
    "statistik": ["von must not lie after bis", "bis must lie at most 366 days after von"],
}


def is_well_formed(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


@schemathesis.check
def a_refusal_is_one_that_cannot_be_described(ctx, response, case):
    """A well-formed request is a 400 for these reasons alone."""
    if response.status_code != 400 or not is_well_formed(case):
        return
    sentences = REFUSALS.get(case.operation.definition.raw["operationId"], [])
    message = response.json()["message"]
    assert any(sentence in message for sentence in sentences), message


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes a well-formed request good, where the document cannot say what is good."""
    if not is_well_formed(case):
        return
    give_a_key_of_its_own(case)
    attach_what_is_there(case.body)
    operation = case.operation.definition.raw["operationId"]
    if operation in ("create_telefonanruf", "update_telefonanruf") and isinstance(case.body, dict):
        plan_ahead(case.body)
    if operation == "update_telefonanruf" and isinstance(case.body, dict):
        keep_the_slot(case.body)
    if operation == "set_erreichbarkeit" and isinstance(case.body, dict):
        case.body = {day: [put_in_order(window) for window in windows or []] for day, windows in case.body.items()}


def give_a_key_of_its_own(case):
    """A key that was used before is answered with what was stored then, which may have been deleted since."""
    for name in list(case.headers or {}):
        if name.lower() == "idempotency-key":
            case.headers[name] = str(uuid.uuid4())


def attach_what_is_there(body):
    """Now and then a path is drawn without regard to its format."""
    if isinstance(body, dict):
        body = body.get("emails", [body])
    for mail in body if isinstance(body, list) else []:
        if isinstance(mail, dict) and isinstance(mail.get("attachments"), list):
            mail["attachments"] = [PATH if isinstance(one, str) else one for one in mail["attachments"]]


def plan_ahead(body):
    """Most days are over; of those, one in the year to come is taken instead."""
    planned = body.get("geplantes_datum")
    if planned and body.get("status") != "abgeschlossen":
        today = datetime.date.today()
        days = datetime.date.fromisoformat(planned).toordinal() % 300
        body["geplantes_datum"] = (today + datetime.timedelta(days=days + 1)).isoformat()


def keep_the_slot(body):
    """What a new call may leave empty is drawn for a change, too, where a call always has it."""
    for name in ("geplantes_datum", "geplante_zeit"):
        if body.get(name) == "":
            del body[name]


def put_in_order(window):
    """A window ends after it starts."""
    both = window.split("-") if isinstance(window, str) else [window["start"], window["end"]]
    start, end = sorted(both, key=minutes)
    if minutes(start) == minutes(end):
        start, end = "00:00", "24:00"
    return f"{start}-{end}" if isinstance(window, str) else {**window, "start": start, "end": end}


def minutes(time):
    hour, minute = time.split(":")[:2]
    return int(hour) * 60 + int(minute)
