"""Reads calendars from standard input with a library that knows nothing of the service, and says what it understood.

One JSON object a calendar; calendars follow each other, as they were fetched.
"""

import json
import sys

from icalendar import Calendar

ZONE = "X-WR-TIMEZONE"


def event(component):
    assert not component.errors, component.errors
    begin, end = component.decoded("DTSTART"), component.decoded("DTEND")
    assert begin.utcoffset() is not None and end.utcoffset() is not None, "a time that floats"
    return {
        "uid": str(component["UID"]),
        "sequence": int(component["SEQUENCE"]),
        "status": str(component["STATUS"]),
        "begin": begin.isoformat(),
        "minutes": (end - begin).total_seconds() / 60,
        "stamp": component.decoded("DTSTAMP").isoformat(),
        "changed": component.decoded("LAST-MODIFIED").isoformat(),
        "summary": str(component["SUMMARY"]),
        "description": str(component["DESCRIPTION"]),
    }


for calendar in Calendar.from_ical(sys.stdin.buffer.read(), multiple=True):
    assert not calendar.errors, calendar.errors
    assert calendar["VERSION"] == "2.0" and calendar["PRODID"]
    print(json.dumps({
        "name": str(calendar["X-WR-CALNAME"]),
        "zone": str(calendar[ZONE]),
        "events": [event(component) for component in calendar.walk("VEVENT")],
    }))
