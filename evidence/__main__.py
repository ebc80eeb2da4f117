"""``python -m evidence``: write docs/asvs.md and docs/clinical-safety/hazards.md anew."""

from evidence import asvs, hazards

for page in (asvs, hazards):
    page.DOCUMENT.write_text(page.document(), encoding="utf-8")
