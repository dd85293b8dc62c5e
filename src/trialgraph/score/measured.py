"""All that is measured, in the order it is shown."""

from typing import Final

from trialgraph.score import fair, hcls_profile, server_safety, sib, umaka

CRITERIA: Final = (
    *hcls_profile.HCLS,
    *umaka.UMAKA,
    *fair.FAIR_CHECKER,
    *fair.F_UJI,
    *sib.SIB,
    *sib.SIGNPOSTING,
    *server_safety.SAFETY,
)
