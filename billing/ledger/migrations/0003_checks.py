"""What must hold when a transaction commits, whoever writes.

- It has the number of entries that it states, and they sum to zero in each currency and book.
- It is in one currency, and on accounts that its kind of document posts to.
- Money held for a client (``client_credit``, ``trust_liability``) never falls below zero. Whoever
  takes from it locks the client's row first and then adds up; under another isolation than
  *read committed* that sum could be an old one, so it is refused there.
- No entry is added to a transaction that has all of its entries.

Deferred triggers run when the transaction commits, under whatever role and search path stand
then. So the functions run as their owner, with the schema they were made in as their path.
Scans are switched off in them because their plans are kept: one that was made while a table was
nearly empty would read all of it for each row of a large import.
"""

from django.db import migrations

CREATE = """
DO $do$ BEGIN
EXECUTE format($function$
CREATE FUNCTION check_ledger_transaction() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = %1$I, pg_temp SET enable_seqscan = off AS $body$
DECLARE
    found record;
    held record;
BEGIN
    -- One look at the entries: an import commits thousands of transactions.
    SELECT count(*) AS entries, min(currency) <> max(currency) AS mixed,
        coalesce(sum(amount) FILTER (WHERE book = 'operating'), 0) <> 0
            OR coalesce(sum(amount) FILTER (WHERE book <> 'operating'), 0) <> 0 AS unbalanced,
        bool_or(amount > 0 AND account IN ('client_credit', 'trust_liability')) AS takes,
        bool_or(NOT account = ANY (
            CASE NEW.kind
            WHEN 'issue' THEN ARRAY['receivable', 'revenue']
            WHEN 'void' THEN ARRAY['receivable', 'revenue']
            WHEN 'write_off' THEN ARRAY['receivable', 'written_off']
            WHEN 'payment' THEN ARRAY['clearing', 'receivable', 'written_off', 'client_credit']
            WHEN 'credit_note' THEN ARRAY['revenue', 'receivable', 'written_off', 'client_credit']
            WHEN 'trust' THEN ARRAY['trust_bank', 'trust_liability']
            ELSE ARRAY[]::text[]
            END
        )) AS strays
    INTO found FROM ledger_entry WHERE transaction_id = NEW.id;
    IF found.entries <> NEW.entry_count THEN
        RAISE EXCEPTION 'ledger transaction %% has %% of %% entries',
            NEW.id, found.entries, NEW.entry_count USING ERRCODE = 'check_violation';
    END IF;
    IF found.mixed THEN
        RAISE EXCEPTION 'ledger transaction %% has two currencies', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF found.unbalanced THEN
        RAISE EXCEPTION 'ledger transaction %% does not sum to zero', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF found.strays THEN
        RAISE EXCEPTION '%% posts to other accounts', NEW.kind USING ERRCODE = 'check_violation';
    END IF;
    IF NOT found.takes THEN
        RETURN NULL;
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'money held for a client is taken under read committed only'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    FOR held IN
        SELECT DISTINCT client_id, account, currency FROM ledger_entry
        WHERE transaction_id = NEW.id AND amount > 0
            AND account IN ('client_credit', 'trust_liability')
        ORDER BY client_id, account, currency
    LOOP
        PERFORM 1 FROM client WHERE id = held.client_id FOR NO KEY UPDATE;
        IF (
            SELECT sum(amount) > 0 FROM ledger_entry
            WHERE client_id = held.client_id AND account = held.account
                AND currency = held.currency
        ) THEN
            RAISE EXCEPTION '%% of client %% would fall below zero', held.account, held.client_id
                USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END
$body$
$function$, current_schema());
EXECUTE format($function$
CREATE FUNCTION refuse_late_ledger_entries() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = %1$I, pg_temp SET enable_seqscan = off AS $body$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT transaction_id FROM added) AS touched
        LEFT JOIN ledger_transaction AS posted ON posted.id = touched.transaction_id
        WHERE posted.id IS NULL OR posted.entry_count < (
            SELECT count(*) FROM ledger_entry WHERE transaction_id = touched.transaction_id
        )
    ) THEN
        RAISE EXCEPTION 'entries come with their ledger transaction, not later'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$body$
$function$, current_schema());
END $do$;
CREATE CONSTRAINT TRIGGER ledger_transaction_sound AFTER INSERT ON ledger_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger_transaction();
CREATE TRIGGER ledger_entry_not_late AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_late_ledger_entries();
"""
DROP = """
DROP TRIGGER ledger_entry_not_late ON ledger_entry;
DROP TRIGGER ledger_transaction_sound ON ledger_transaction;
DROP FUNCTION refuse_late_ledger_entries();
DROP FUNCTION check_ledger_transaction();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]
    operations = [migrations.RunSQL(CREATE, DROP)]
