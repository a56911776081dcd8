"""The ledger is append-only: by grant for the firm's role, by trigger for everyone else."""

from django.db import migrations

from infra.tenancy.database.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [AppendOnly("ledger_transaction"), AppendOnly("ledger_entry")]
