"""The trail refuses change: by grant for the firm's role, by trigger for everyone else."""

from django.db import migrations

from infra.tenancy.database.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [AppendOnly("audit_event"), AppendOnly("audit_seal")]
