"""``invoice_transition`` is append-only: by grant for the firm's role, by trigger for everyone else."""

from django.db import migrations

PROTECT = """
CREATE TRIGGER invoice_transition_append_only BEFORE UPDATE OR DELETE ON invoice_transition
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoice_transition_no_truncate BEFORE TRUNCATE ON invoice_transition
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DO $body$ BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON invoice_transition FROM %I', current_schema());
END $body$;
"""
UNPROTECT = """
DROP TRIGGER invoice_transition_append_only ON invoice_transition;
DROP TRIGGER invoice_transition_no_truncate ON invoice_transition;
"""


class Migration(migrations.Migration):
    dependencies = [("invoices", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(PROTECT, UNPROTECT)]
