"""What schemathesis cannot find in the document."""

import uuid

import schemathesis
from hypothesis import strategies as st

# A path is only good if there is such a file; the test puts this one there.
schemathesis.openapi.format("attachment-path", st.just("formulare/antrag.pdf"))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives each well-formed request a key of its own.

    A key that was used before is answered with what was stored then, which may have been deleted since.
    """
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive:
        return
    for name in list(case.headers or {}):
        if name.lower() == "idempotency-key":
            case.headers[name] = str(uuid.uuid4())
