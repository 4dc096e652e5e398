"""Who may do what: users and their roles, for admins."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from model import UsageError
from review.guard import Admin, Asked, Manager
from review.office import Office
from review.render import page, told_error
from review.store import ROLES, UserRole

router = APIRouter(include_in_schema=False)

UserName = Annotated[str, Form(max_length=200)]

MEANINGS = {
    "reader": "reads what is private: archived pages, figures that nobody follows",
    "editor": "decides, refreshes, follows pages, and sees what people did",
    "admin": "gives roles, adds and removes users",
}


@router.get("/users")
def users(request: Request, office: Asked, _who: Manager) -> HTMLResponse:
    """Every user with their role, and a form for one more."""
    return _users(request, office)


def _users(request: Request, office: Office, wrong: str = "", name: str = "") -> HTMLResponse:
    status = 400 if wrong else 200
    return page(
        request, "users.html", status=status, users=office.store.users(), roles=ROLES, meanings=MEANINGS, wrong=wrong,
        name=name,
    )  # fmt: skip


class NewUser(NamedTuple):
    """Somebody to add."""

    name: str
    password: str
    role: UserRole


def new_user(
    name: UserName = "", password: Annotated[str, Form(max_length=1000)] = "",
    role: Annotated[UserRole, Form()] = "editor",
) -> NewUser:  # fmt: skip
    """The fields of the form."""
    return NewUser(name, password, role)


@router.post("/users")
def add_user(request: Request, office: Asked, who: Admin, new: Annotated[NewUser, Depends(new_user)]) -> Response:
    """Add a user."""
    if any(one.name == new.name for one in office.store.users()):
        return _users(request, office, f"There is a user {new.name} already.", new.name)
    try:
        office.store.add(*new)
    except UsageError as error:
        return _users(request, office, told_error(error), new.name)
    office.acts.note(who.user, "add_user", new.name, f"added {new.name}, {new.role}")
    return RedirectResponse("/users", 303)


@router.post("/users/role")
def give_role(office: Asked, who: Admin, name: UserName, role: Annotated[UserRole, Form()]) -> Response:
    """Let a user do what a role may."""
    _refuse_oneself(who.user, name)
    office.store.give_role(name, role)
    office.acts.note(who.user, "give_role", name, f"made {name} {'an' if role != 'reader' else 'a'} {role}")
    return RedirectResponse("/users", 303)


@router.post("/users/remove")
def remove_user(office: Asked, who: Admin, name: UserName) -> Response:
    """Remove a user; what they decided stays."""
    _refuse_oneself(who.user, name)
    office.store.remove(name)
    office.acts.note(who.user, "remove_user", name, f"removed {name}")
    return RedirectResponse("/users", 303)


def _refuse_oneself(mine: str, name: str) -> None:
    """So that there is always an admin left. Raises `UsageError`."""
    if mine == name:
        raise UsageError("nobody changes their own role or removes themselves", "ask another admin, or use the command")
