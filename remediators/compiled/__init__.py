"""Requirements files that pip-compile or `uv pip compile` wrote: recompiled with the options of their own headers."""
