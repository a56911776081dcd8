"""What a credit note says is append-only, by grant for the firm's role and by trigger for everyone.

Only where its PDF is kept is written down later.
"""

from django.db import migrations

from infra.tenancy.database.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("credit_notes", "0001_initial")]
    operations = [
        AppendOnly("credit_note", changeable=("pdf_file", "pdf_sha256")),
        AppendOnly("credit_note_line"),
        AppendOnly("credit_note_vat"),
    ]
