"""What every view needs: the settings, the engine, the release that is served."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import flask

from trialgraph.query import Engine
from trialgraph.settings import Settings

if TYPE_CHECKING:
    from trialgraph.web.operation import Observer
