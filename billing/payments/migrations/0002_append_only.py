"""``allocation`` is append-only: by grant for the firm's role, by trigger for everyone else."""

from django.db import migrations

PROTECT = """
CREATE TRIGGER allocation_append_only BEFORE UPDATE OR DELETE ON allocation
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER allocation_no_truncate BEFORE TRUNCATE ON allocation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DO $body$ BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON allocation FROM %I', current_schema());
END $body$;
"""
UNPROTECT = """
DROP TRIGGER allocation_append_only ON allocation;
DROP TRIGGER allocation_no_truncate ON allocation;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(PROTECT, UNPROTECT)]
