"""The first program in a sandbox: gives the bot outside what it watches and serves, takes on limits, becomes the tool.

It starts for every run, so it is run by its path, without `site`, and imports nothing but what is built in.
Arguments: the descriptor of a socket to the bot, the port to listen on, the limits as `number=value` between commas,
then the tool's own argv.
"""

import _signal
import _socket
import os
import resource
import sys

WATCHED = ("/proc", "/tmp")  # noqa: S108 -- the sandbox's own

# A flood of processes is stopped by who watches it, and by the first process of the sandbox: both have to get their
# turn among thousands. Where the machine is idle a tool is as fast as ever, else it yields to what else runs there.
YIELDS = 5


def main(control: str, port: str, limits: str, *argv: str) -> None:
    """Never returns: it becomes the tool, or ends with status 126."""
    listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", int(port)))
    listener.listen(128)
    folders = (os.open(place, os.O_RDONLY | os.O_DIRECTORY) for place in (*WATCHED, os.environ["HOME"]))
    packed = b"".join(each.to_bytes(4, sys.byteorder) for each in (listener.fileno(), *folders))
    outside = _socket.socket(fileno=int(control))
    outside.sendmsg([b"!"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, packed)])
    outside.close()
    for limit in limits.split(","):
        kind, value = map(int, limit.split("="))
        _, hard = resource.getrlimit(kind)
        lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (lowest, lowest))
    os.nice(YIELDS)
    for ignored in (_signal.SIGPIPE, _signal.SIGXFSZ):
        # Python ignores these, and what is ignored stays so in the tool.
        _signal.signal(ignored, _signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)  # noqa: S606 -- no shell is wanted
    except OSError as error:
        sys.stderr.write(f"{argv[0]} cannot be started: {error.strerror}\n")
        os._exit(126)


if __name__ == "__main__":
    main(*sys.argv[1:])
