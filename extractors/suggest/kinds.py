"""What the name of a figure says that it is, where its numbers rise and fall."""

from __future__ import annotations

import re
from typing import Any

_OF_A_PERIOD = re.compile(
    r"(?i)(?<![^\W_])(?:new|newly|daily|weekly|monthly|today|increase|change|delta|added|neu\w*|täglich\w*|zuwachs|"
    r"nouve\w+|quotidien\w*|nuev[oa]s?|diari[oa]s?|nov[oaie]s?|nuov[ieao]|nowe|nowych|dzienn\w+|нов[іыеих]\w*|"
    r"щоденн\w+|за\s+добу|за\s+сутки|nieuwe?|nya|nye|uusia|yeni|günlük)(?![^\W_])"
)
_RATIO = re.compile(
    r"(?i)(?<![^\W_])(?:rate|ratio|index|incidence|inzidenz|average|avg|mean|median|moyenne|media|price|preis|prix|precio|"
    r"per[ _]\d+k?|(?:per|pro|je|par|por)[ _](?:capita|million|100|1000|kopf)\w*|r[ _]?value|magnitude|mag|temperature)"
    r"(?![^\W_])"
)


def kind_of_falling(name: str) -> dict[str, Any]:
    """What a definition says of a figure that rises and falls: of a period or a ratio by its name, else a level."""
    if _RATIO.search(name):
        return {"kind": "ratio"}
    return {"kind": "change"} if _OF_A_PERIOD.search(name) else {"may_fall": True}
