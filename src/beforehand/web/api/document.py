"""The OpenAPI document of the whole API: what read.py describes by itself, and POST /api/events beside it."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path
from django.views.decorators.csrf import csrf_exempt

from beforehand.connectors.plain.fields import FIELDS, Field

from .answers import Answer, Problem
from .events import MOST
from .read import api, sent

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "key": {"type": "string"},
    "mail": {"type": "string", "format": "email"},
    "instant": {"type": "string", "format": "date-time"},
    "whole": {"type": "integer"},
    "flag": {"type": "boolean"},
    "choice": {"type": "string"},
    "choices": {"type": "array"},
}
_REFUSALS = {
    "400": "The body is not JSON.",
    "401": "No token, or one that lets nobody in.",
    "403": "The token has not the scope, or its source is gone.",
    "409": "Some ids are known with other content; the first stay, these are listed. The others are kept.",
    "413": "Too long, or too many events. Nothing was kept.",
    "422": "Some events cannot be kept: each fault with its place. Nothing was kept, the others neither.",
    "503": "The database does not answer. Nothing was kept; send it again.",
}


@cache
def document() -> dict[str, Any]:
    """The document, as OpenAPI 3.1 has it."""
    told: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="/api"))
    schemas = told["components"]["schemas"]
    schemas["Event"] = {
        "type": "object",
        "description": "Something that happened to a ticket, in our own words.",
        "required": [field.name for field in FIELDS if field.required],
        "properties": {field.name: _property(field) for field in FIELDS},
        "additionalProperties": False,
    }
    schemas["Came"] = {
        "type": "object",
        "required": ["taken", "known", "conflicts", "tickets"],
        "properties": {name: {"type": "integer"} for name in ("taken", "known", "conflicts", "tickets")},
    }
    told["paths"]["/api/events"] = {"post": _post_events()}
    told["paths"]["/api/openapi.json"] = {"get": _get_document()}
    return told


def _property(field: Field) -> dict[str, Any]:
    described = {**_TYPES[field.kind], "description": field.help, "examples": [field.example]}
    if field.kind == "choices":
        described["items"] = {"enum": list(field.choices)}
    elif field.choices:
        described["enum"] = list(field.choices)
    if field.longest:
        described["maxLength"] = field.longest
    if field.required and field.kind == "text":
        described["minLength"] = 1
    return described


def _post_events() -> dict[str, Any]:
    event = {"$ref": "#/components/schemas/Event"}
    several = {"type": "array", "items": event, "maxItems": MOST}
    wrapped = {
        "type": "object", "required": ["events"], "properties": {"events": several}, "additionalProperties": False
    }  # fmt: skip
    came = {"$ref": "#/components/schemas/Came"}
    return {
        "operationId": "tell_events",
        "summary": "Tell events",
        "description": "Keep events of the token's source; they are on the disk before they are answered. Idempotent by"
        " ticket and id: the same again is known. Needs the scope `events:write`.",
        "security": [{"Bearer": []}],
        "requestBody": {
            "required": True, "content": {"application/json": {"schema": {"anyOf": [event, several, wrapped]}}}
        },
        "responses": {
            "200": {"description": "All are kept, or were known.", "content": {"application/json": {"schema": came}}},
            **{
                status: {
                    "description": why,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorOut"}}},
                }
                for status, why in _REFUSALS.items()
            },
        },
    }  # fmt: skip


def _get_document() -> dict[str, Any]:
    return {
        "operationId": "document",
        "summary": "This document",
        "responses": {
            "200": {"description": "It.", "content": {"application/json": {"schema": {"type": "object"}}}}
        },
    }


@login_not_required
@csrf_exempt
def openapi(request: HttpRequest) -> HttpResponse:
    """The document; open to all, since it holds nobody's data."""
    if request.method not in {"GET", "HEAD"}:
        raise_to = Problem(
            405, "wrong_method", "This address takes GET alone.", headers=(("Allow", "GET, HEAD"),)
        )
        return sent(raise_to.answer())
    return sent(Answer(200, document()))


@login_not_required
@csrf_exempt
def nowhere(_request: HttpRequest) -> HttpResponse:
    """Any other address under /api/."""
    message = "There is nothing at this address. GET /api/openapi.json lists all there is."
    return sent(Problem(404, "no_such_address", message).answer())


def _in_our_shape(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Signed in by token, not by session; and a method that an address does not take is refused like anything else."""

    @login_not_required
    @csrf_exempt
    def shaped(request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
        answer = view(request, *args, **more)
        if answer.status_code != 405:
            return answer
        allowed = (("Allow", answer.headers.get("Allow", "GET")),)
        return sent(
            Problem(405, "wrong_method", "This address does not take that method.", headers=allowed).answer()
        )

    return shaped


def _patterns() -> list[URLPattern]:
    patterns: list[URLPattern] = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            pattern.callback = _in_our_shape(pattern.callback)
            patterns.append(pattern)
    return patterns


urlpatterns = [
    re_path(r"^openapi\.json$", openapi, name="openapi"),
    *_patterns(),
    re_path(r"^", nowhere, name="nowhere"),
]
