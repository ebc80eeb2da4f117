"""``python -m evidence``: write docs/asvs.md anew."""

from evidence import asvs

asvs.DOCUMENT.write_text(asvs.document(), encoding="utf-8")
