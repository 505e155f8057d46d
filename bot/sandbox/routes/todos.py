"""To-dos of the caller."""

from __future__ import annotations

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import record_not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import event as represent
from bot.sandbox.routing import routes
from bot.sandbox.world import Todo

_STATES = ("pending", "done")


@routes.get("/todos", public=False)
def index(call: Call) -> Answer:
    """What waits for the caller, newest first; `state=done` lists what did."""
    params = call.params
    state = params.choice("state", _STATES) or "pending"
    action, kind = params.text("action"), params.text("type")
    author, project = params.integer("author_id"), params.integer("project_id")
    found = [
        todo
        for todo in reversed(call.world.todos.where(user_id=call.user.id))
        if todo.state == state
        and action in (None, todo.action_name)
        and kind in (None, todo.target_type)
        and author in (None, todo.author_id)
        and project in (None, todo.project_id)
    ]
    return paginate(call, found, lambda todo: represent.todo(call.world, todo))


@routes.post("/todos/:id/mark_as_done")
def finish(call: Call) -> Answer:
    """One thing is done."""
    todo = call.world.todos.get(call.number("id"))
    if todo is None or todo.user_id != call.user.id:
        raise record_not_found()
    _finish(call, todo)
    return Answer(represent.todo(call.world, todo, subscribed=True), 201)


@routes.post("/todos/mark_as_done")
def finish_all(call: Call) -> Answer:
    """Everything is done."""
    for todo in call.world.todos.where(user_id=call.user.id):
        if todo.state == "pending":
            _finish(call, todo)
    return Answer(None, 204)


def _finish(call: Call, todo: Todo) -> None:
    todo.state, todo.updated_at = "done", call.world.now()
