""" "I have it", by the link of a message: without signing in, from a phone, once.

Looking at the page does nothing, so that programs which follow links in mail, to see whether they are safe, hold
nothing up.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from beforehand.alerts import holding
from beforehand.alerts.channels import Lines, says_bare
from beforehand.alerts.models import Delivery
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Saying
from beforehand.tickets.notices import tell

from . import moment


@login_not_required
@never_cache
def hold(request: HttpRequest, token: str) -> HttpResponse:
    """Asks for how long, and holds the chain until then; 404 for a link that is not ours."""
    delivery = holding.delivery_of(token)
    if delivery is None:
        raise Http404("This link was not made here, or not all of it has arrived.")
    now = moment.now()
    how = Saying(to_instant(now), delivery.provider.zone, 0, 1)
    ticket = delivery.alert.ticket
    context: dict[str, object] = {
        "name": delivery.name,
        "ticket": ticket,
        "bare": _is_bare(delivery),
        "number": (ticket.number or ticket.external_id).lstrip("#"),
        "choices": holding.CHOICES,
        "over": delivery.alert.ended is not None,
        "used": delivery.held is not None,
    }
    if request.method == "POST":
        minutes = request.POST.get("minutes", "")
        if minutes not in map(str, holding.CHOICES):
            return render(request, "web/hold.html", context | {"unsaid": True}, status=400)
        held = holding.hold_by_link(delivery, int(minutes), now)
        if held is None:
            return render(request, "web/hold.html", context | {"used": True}, status=409)
        tell(delivery.provider_id, [ticket.pk])
        context |= {"until": how.at(to_instant(held.until)), "cut": held.cut, "used": False}
    return render(request, "web/hold.html", context)


def _is_bare(delivery: Delivery) -> bool:
    """Whether client and subject stay in the house on the way by which this link went: so they do behind it."""
    mailbox = delivery.mailbox
    return mailbox is None or says_bare(mailbox, Lines([mailbox]).of(mailbox))
