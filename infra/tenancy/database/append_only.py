"""The migration operation that makes a table of a firm's schema append-only."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.migrations import RunSQL

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$body$;
"""
_WHOLE_ROW = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
_ALL_BUT_SOME_COLUMNS = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN (to_jsonb(OLD) - ARRAY[{names}] IS DISTINCT FROM to_jsonb(NEW) - ARRAY[{names}])
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
# The firm's role has the name of its schema (tenants.firms.provisioning.schemas).
_REST = """
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DO $body$ BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM %I', current_schema());
END $body$;
"""
_GRANT = """
DO $body$ BEGIN
    EXECUTE format('GRANT UPDATE ({columns}) ON {table} TO %I', current_schema());
END $body$;
"""
_UNDO = """
DROP TRIGGER {table}_append_only ON {table};
DROP TRIGGER IF EXISTS {table}_no_delete ON {table};
DROP TRIGGER {table}_no_truncate ON {table};
DO $body$ BEGIN
    EXECUTE format('GRANT UPDATE, DELETE ON {table} TO %I', current_schema());
END $body$;
"""


class AppendOnly(RunSQL):
    """Rows of ``table`` are never updated, deleted or truncated: revoked from the firm's role by
    grant, refused to everyone else by trigger. Only the ``changeable`` columns may change."""

    def __init__(self, table: str, *, changeable: Sequence[str] = ()) -> None:
        template = _FUNCTION
        if changeable:
            template += _ALL_BUT_SOME_COLUMNS + _REST + _GRANT
        else:
            template += _WHOLE_ROW + _REST
        names = ", ".join(f"'{column}'" for column in changeable)
        values = {"{table}": table, "{names}": names, "{columns}": ", ".join(changeable)}
        undo = _UNDO
        for mark, value in values.items():
            template, undo = template.replace(mark, value), undo.replace(mark, value)
        super().__init__(template, undo)
