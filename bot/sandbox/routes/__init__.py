"""Every REST route: importing this package registers them all."""

from bot.sandbox.routes import forks as forks
from bot.sandbox.routes import metadata as metadata
from bot.sandbox.routes import projects as projects
from bot.sandbox.routes import users as users
