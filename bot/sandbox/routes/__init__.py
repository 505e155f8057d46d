"""Every REST route: importing this package registers them all."""

from bot.sandbox.routes import forks as forks
from bot.sandbox.routes import groups as groups
from bot.sandbox.routes import members as members
from bot.sandbox.routes import metadata as metadata
from bot.sandbox.routes import namespaces as namespaces
from bot.sandbox.routes import personal_access_tokens as personal_access_tokens
from bot.sandbox.routes import projects as projects
from bot.sandbox.routes import resource_access_tokens as resource_access_tokens
from bot.sandbox.routes import users as users
from bot.sandbox.routes import variables as variables
