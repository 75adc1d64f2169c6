"""A suite inside a test, run by pytest in this process, which saves the start of another: most of a second.

pytester forgets every module that an inner run imported, after the run and again after the test. Only the suite's own
are forgotten here: libraries stay loaded, since the next run would take seconds to load the SDKs again, and code that
holds a class of the first copy would not know the second's. The root's `pytester` fixture puts them back.
"""

from __future__ import annotations

import sys

OPTIONS = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:randomly")
ALONE = ("-p", "no:anyio", "-p", "no:asyncio", "-p", "no:pytest_cov", "-p", "no:syrupy")
"""For runs of several xdist workers: each would load these, which takes longer than the tests."""

_libraries = {}


class _Watch:
    def __init__(self, root):
        self._root = str(root)
        self._before = set(sys.modules)

    def pytest_unconfigure(self):
        for name in sys.modules.keys() - self._before:
            module = sys.modules[name]
            if not str(getattr(module, "__file__", None)).startswith(self._root):
                _libraries.setdefault(name, module)


def run(pytester, *options):
    """Run the suite in `pytester`'s folder; the result's `stdout` and outcomes tell."""
    result = pytester.runpytest_inprocess(*OPTIONS, *options, plugins=[_Watch(pytester.path)])
    put_back()
    return result


def put_back():
    """Load nothing twice that an inner run has loaded."""
    for name, module in _libraries.items():
        sys.modules.setdefault(name, module)
