"""What each role may open."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from beforehand.people.models import User
from beforehand.people.roles import Role
from beforehand.web.access import needs


@needs(Role.MANAGER)
def page(_request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(str(pk))


def ask(user: User) -> HttpResponse:
    request = RequestFactory().get("/")
    request.user = user
    answer = page(request, 7)
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER])
def test_the_role_and_those_above_it_are_let_in(role: Role) -> None:
    assert ask(User(role=role)).content == b"7"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.READ_ONLY])
def test_others_read_which_role_it_takes_and_which_they_have(role: Role) -> None:
    with pytest.raises(PermissionDenied) as refused:
        ask(User(role=role))
    assert "This is for owners and managers." in str(refused.value)
    assert f"Your role here is {role.label.lower()}" in str(refused.value)


def test_an_operator_may_what_an_owner_may() -> None:
    assert ask(User(role=Role.READ_ONLY, is_superuser=True)).status_code == 200
