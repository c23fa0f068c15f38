"""How the Graph API says no (CHANNELS.md 2.6), and the names of these answers as faults."""

from dataclasses import dataclass
from typing import Any

from bot.simulator.connection import BROKEN_PROXY_PAGE, Answer
from bot.simulator.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphErrorShape:
    status: int
    code: int
    message: str
    subcode: int | None = None
    type: str = "OAuthException"
    transient: bool = False


def _shape(status: int, code: int, subcode: int | None, message: str, **more: Any) -> GraphErrorShape:
    return GraphErrorShape(status=status, code=code, subcode=subcode, message=message, **more)


_NO_OBJECT = "Unsupported get request. Object with ID does not exist, cannot be loaded due to missing permissions"

#: Fault name → the error.
NAMED: dict[str, GraphErrorShape] = {
    "unknown_error": _shape(500, 1, None, "An unknown error has occurred."),
    "temporary": _shape(503, 2, None, "Service temporarily unavailable", transient=True),
    "app_rate": _shape(403, 4, None, "(#4) Application request limit reached", transient=True),
    "rate": _shape(429, 613, None, "(#613) Calls to this api have exceeded the rate limit."),
    "outside_window": _shape(400, 10, 2018278, "(#10) This message is sent outside of allowed window."),
    "cannot_receive": _shape(400, 10, 2018108, "(#10) This person cannot receive messages right now."),
    "page_restricted": _shape(403, 10, 1893063, "(#10) This Page is restricted from sending messages."),
    "permission": _shape(403, 10, None, "(#10) Application does not have permission for this action"),
    "permission_missing": _shape(403, 200, 2018028, "(#200) Permissions error"),
    "no_user": _shape(400, 100, 2018001, "(#100) No matching user found"),
    "fetch_failed": _shape(400, 100, 2018008, "(#100) Failed to fetch the file from the url"),
    "upload_failed": _shape(400, 100, 2018047, "(#100) Upload attachment failure."),
    "too_large": _shape(400, 100, 2018109, "(#100) Attachment size exceeds allowable limit"),
    "retired_tag": _shape(400, 100, None, "(#100) Invalid message tag"),
    "no_object": _shape(400, 100, 33, _NO_OBJECT, type="GraphMethodException"),
    "profile_forbidden": _shape(403, 100, 2018218, "(#100) The profile of this person is not available"),
    "token_expired": _shape(401, 190, 463, "Error validating access token: Session has expired"),
    "token_password": _shape(
        401,
        190,
        460,
        "Error validating access token: The session has been invalidated because the user changed their password",
    ),
    "token_invalid": _shape(401, 190, None, "Invalid OAuth access token - Cannot parse access token"),
    "abusive": _shape(400, 368, None, "The action attempted has been deemed abusive or is otherwise disallowed"),
    "unavailable": _shape(400, 551, 1545041, "(#551) This person isn't available right now."),
    "account_deleted": _shape(400, 9000001, None, "The account was deleted."),
    "thread_owned": _shape(400, 100, 2018300, "(#100) Another app is controlling this thread now."),
}
GRAPH_FAULTS = frozenset(NAMED)


class GraphError(Exception):
    """A refusal; becomes `{"error": {message, type, code, error_subcode?, fbtrace_id, is_transient?}}`."""

    def __init__(self, shape: GraphErrorShape) -> None:
        self.shape = shape
        super().__init__(shape.message)

    def as_answer(self) -> Answer:
        shape = self.shape
        error: dict[str, Any] = {"message": shape.message, "type": shape.type, "code": shape.code}
        if shape.subcode is not None:
            error["error_subcode"] = shape.subcode
        if shape.transient:
            error["is_transient"] = True
        return Answer(status=shape.status, body={"error": {**error, "fbtrace_id": "AbCdEfGhIjKlMnOpQrS"}})


def named_error(name: str) -> GraphError:
    return GraphError(NAMED[name])


def bad_parameter(message: str) -> GraphError:
    return GraphError(_shape(400, 100, None, f"(#100) {message}"))


def refusal_of(fault: Fault) -> Answer | None:
    """The answer of a fault that refuses the call; None for one that lets it through (slow, lost answer)."""
    if fault.kind == "html_502":
        return Answer(status=502, body=BROKEN_PROXY_PAGE)
    if fault.kind == "lost_request":
        return Answer(lost=True)
    if fault.kind == "error":
        return GraphError(_shape(fault.status, fault.code or 1, fault.subcode, fault.description)).as_answer()
    return named_error(fault.kind).as_answer() if fault.kind in NAMED else None
