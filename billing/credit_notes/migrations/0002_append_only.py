"""What a credit note says is append-only, by grant for the firm's role and by trigger for everyone.

Only where its PDF is kept is written down later.
"""

from django.db import migrations

FIXED = (
    "id, invoice_id, series_id, number, issue_date, reason, net_total, vat_total, total,"
    " offset_total, surplus_total, created_at, created_by_id"
)
PROTECT = f"""
CREATE TRIGGER credit_note_append_only BEFORE UPDATE OF {FIXED} OR DELETE ON credit_note
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_note_no_truncate BEFORE TRUNCATE ON credit_note
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_note_line_append_only BEFORE UPDATE OR DELETE ON credit_note_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_note_line_no_truncate BEFORE TRUNCATE ON credit_note_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_note_vat_append_only BEFORE UPDATE OR DELETE ON credit_note_vat
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_note_vat_no_truncate BEFORE TRUNCATE ON credit_note_vat
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DO $body$ BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON credit_note, credit_note_line,'
        ' credit_note_vat FROM %I', current_schema());
    EXECUTE format('GRANT UPDATE (pdf_file, pdf_sha256) ON credit_note TO %I', current_schema());
END $body$;
"""
UNPROTECT = """
DROP TRIGGER credit_note_append_only ON credit_note;
DROP TRIGGER credit_note_no_truncate ON credit_note;
DROP TRIGGER credit_note_line_append_only ON credit_note_line;
DROP TRIGGER credit_note_line_no_truncate ON credit_note_line;
DROP TRIGGER credit_note_vat_append_only ON credit_note_vat;
DROP TRIGGER credit_note_vat_no_truncate ON credit_note_vat;
"""


class Migration(migrations.Migration):
    dependencies = [("credit_notes", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(PROTECT, UNPROTECT)]
