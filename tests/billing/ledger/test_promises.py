"""The database keeps the ledger's promises, with the services bypassed: SQL in a firm's role."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from billing.ledger.models import ACCOUNTS_OF, Account, LedgerEntry, LedgerTransaction
from billing.ledger.selectors import held_for, trust_held_for
from billing.ledger.services import Entry, Posting, Unbalanced, post_documents, post_trust_movement
from infra.common.money import Money
from infra.tenancy.firm_context import as_owner, in_public
from tenants.people.models import Client
from tests.world import FirmWorld, World

# Account, amount, currency; client and invoice are added where the account has one.
Rows = Sequence[tuple[str, str, str]]
OVERPAID: Rows = [("clearing", "10", "EUR"), ("client_credit", "-10", "EUR")]


@pytest.fixture
def alpha(world: World) -> Iterator[FirmWorld]:
    with world.alpha.inside():
        yield world.alpha


def _head(count: int, kind: str = "trust") -> UUID:
    key = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_transaction (id, kind, document_id, at, entry_count)"
            " VALUES (%s, %s, %s, now(), %s)",
            [key, kind, uuid4(), count],
        )
    return key


def _kind_for(rows: Rows) -> str:
    """A kind of document that posts to these accounts."""
    return "trust" if all(account.startswith("trust_") for account, *_rest in rows) else "payment"


def _add(key: UUID, client: UUID, rows: Rows) -> None:
    with connection.cursor() as cursor:
        for account, amount, currency in rows:
            of_client = account in ("receivable", "written_off", "client_credit", "trust_liability")
            of_invoice = account in ("receivable", "written_off")
            cursor.execute(
                "INSERT INTO ledger_entry"
                " (transaction_id, account, client_id, invoice_id, currency, amount)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [
                    key,
                    account,
                    client if of_client else None,
                    uuid4() if of_invoice else None,
                    currency,
                    amount,
                ],
            )


def _write(client: UUID, rows: Rows, count: int = 0) -> UUID:
    key = _head(count or len(rows), _kind_for(rows))
    _add(key, client, rows)
    return key


def _commit() -> None:
    """What a commit checks, without committing."""
    connection.check_constraints()


def _refused(client: UUID, rows: Rows, why: str, count: int = 0) -> None:
    before = (LedgerTransaction.objects.count(), LedgerEntry.objects.count())
    with pytest.raises(DatabaseError, match=why), transaction.atomic():
        _write(client, rows, count)
        _commit()
    assert (LedgerTransaction.objects.count(), LedgerEntry.objects.count()) == before


def test_what_sums_to_zero_is_kept(alpha: FirmWorld) -> None:
    client = alpha.client()
    _write(client.pk, OVERPAID)
    _commit()
    assert held_for(client) == [Money(Decimal(10), "EUR")]


@pytest.mark.parametrize(
    "rows",
    [
        [("clearing", "10", "EUR"), ("client_credit", "-9.99", "EUR")],
        # The firm's money and its clients' money never balance each other.
        [("clearing", "10", "EUR"), ("trust_liability", "-10", "EUR")],
    ],
)
def test_each_book_sums_to_zero(alpha: FirmWorld, rows: Rows) -> None:
    _refused(alpha.client().pk, rows, "does not sum to zero")


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("trust", OVERPAID),
        ("trust", [("clearing", "5", "EUR"), ("revenue", "-5", "EUR")]),
        ("issue", [("clearing", "5", "EUR"), ("revenue", "-5", "EUR")]),
        ("payment", [("clearing", "5", "EUR"), ("revenue", "-5", "EUR")]),
        ("payment", [("trust_bank", "5", "EUR"), ("trust_liability", "-5", "EUR")]),
        ("write_off", [("receivable", "5", "EUR"), ("revenue", "-5", "EUR")]),
        ("credit_note", OVERPAID),
    ],
)
def test_a_kind_of_document_posts_to_its_own_accounts(
    alpha: FirmWorld, kind: str, rows: Rows
) -> None:
    client, before = alpha.client().pk, LedgerTransaction.objects.count()
    with pytest.raises(DatabaseError, match="posts to other accounts"), transaction.atomic():
        _add(_head(len(rows), kind), client, rows)
        _commit()
    assert LedgerTransaction.objects.count() == before


def test_the_database_knows_the_same_accounts_of_each_kind_as_the_chart(alpha: FirmWorld) -> None:
    client = alpha.client().pk
    for kind in LedgerTransaction.Kind:
        for account in Account:
            rows: Rows = [(account, "-5", "EUR"), (account, "5", "EUR")]
            _write_balance(client)
            is_allowed = account in ACCOUNTS_OF[kind]
            assert _posts_to_other_accounts(client, kind, rows) is not is_allowed, (kind, account)


def _posts_to_other_accounts(client: UUID, kind: str, rows: Rows) -> bool:
    try:
        with transaction.atomic():
            _add(_head(len(rows), kind), client, rows)
            _commit()
    except DatabaseError as error:
        return "posts to other accounts" in str(error)
    return False


def _write_balance(client: UUID) -> None:
    """Enough is held for the client that taking some is not what is refused."""
    _write(client, OVERPAID)
    _write(client, [("trust_bank", "10", "EUR"), ("trust_liability", "-10", "EUR")])


@pytest.mark.parametrize(
    "rows",
    [
        [*OVERPAID, *((account, amount, "USD") for account, amount, _currency in OVERPAID)],
        [("clearing", "10", "EUR"), ("client_credit", "-10", "USD")],
    ],
)
def test_a_transaction_is_in_one_currency(alpha: FirmWorld, rows: Rows) -> None:
    _refused(alpha.client().pk, rows, "has two currencies")


def test_a_transaction_has_the_entries_that_it_states(alpha: FirmWorld) -> None:
    client = alpha.client().pk
    _refused(client, OVERPAID, "has 2 of 3 entries", count=3)
    _refused(client, [], "has 0 of 2 entries", count=2)
    _refused(client, OVERPAID[:1], "ledger_transaction_has_entries", count=1)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("clearing", "0", "EUR"), "ledger_entry_says_something"),
        (("petty_cash", "1", "EUR"), "ledger_entry_account_known"),
        (("clearing", "1", "eur"), "ledger_entry_currency_code"),
    ],
)
def test_an_entry_says_something_known(
    alpha: FirmWorld, row: tuple[str, str, str], why: str
) -> None:
    _refused(alpha.client().pk, [row, row], why)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"account": "client_credit"}, "ledger_entry_client_where_due"),
        ({"account": "receivable", "client": True}, "ledger_entry_invoice_where_due"),
        ({"account": "revenue", "client": True}, "ledger_entry_client_where_due"),
    ],
)
def test_client_and_invoice_stand_where_they_belong(
    alpha: FirmWorld, columns: dict[str, object], why: str
) -> None:
    client = alpha.client().pk if columns.pop("client", False) else None
    with pytest.raises(DatabaseError, match=why), transaction.atomic():
        key = _head(2)
        LedgerEntry.objects.create(
            transaction_id=key, client_id=client, currency="EUR", amount=1, **columns
        )
    assert not LedgerTransaction.objects.filter(kind="trust").exists()


def test_no_entry_is_added_later(alpha: FirmWorld) -> None:
    client = alpha.client().pk
    key = _write(client, OVERPAID)
    _commit()
    for rows in (OVERPAID, OVERPAID[:1]):
        with pytest.raises(DatabaseError, match="not later"), transaction.atomic():
            _add(key, client, rows)
    with pytest.raises(DatabaseError, match="not later"), transaction.atomic():
        _add(uuid4(), client, OVERPAID)
    assert LedgerEntry.objects.filter(transaction=key).count() == 2


@pytest.mark.parametrize("account", ["client_credit", "trust_liability"])
def test_money_held_for_a_client_never_falls_below_zero(alpha: FirmWorld, account: str) -> None:
    other_side = "clearing" if account == "client_credit" else "trust_bank"
    client, other = alpha.client(1), alpha.client(2)
    _write(client.pk, [(other_side, "10", "EUR"), (account, "-10", "EUR")])
    _write(other.pk, [(other_side, "99", "EUR"), (account, "-99", "EUR")])
    take = "would fall below zero"
    _refused(client.pk, [(other_side, "-10.01", "EUR"), (account, "10.01", "EUR")], take)
    # Neither another currency nor another client's money helps.
    _refused(client.pk, [(other_side, "-1", "USD"), (account, "1", "USD")], take)
    _write(client.pk, [(other_side, "-10", "EUR"), (account, "10", "EUR")])
    _commit()
    held = held_for if account == "client_credit" else trust_held_for
    assert held(client) == []
    assert held(other) == [Money(Decimal(99), "EUR")]


VERBS = ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]


@pytest.mark.parametrize("table", ["ledger_transaction", "ledger_entry"])
@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_changed_or_removed(alpha: FirmWorld, table: str, verb: str) -> None:
    before = LedgerEntry.objects.count()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(verb.format(table))
    with as_owner(alpha.ref.schema):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(verb.format(table))
    assert LedgerEntry.objects.count() == before > 0


def test_a_document_is_posted_once(alpha: FirmWorld) -> None:
    client, document = alpha.client(), uuid4()
    amount = Decimal(5)
    post_trust_movement(client=client, document_id=document, amount=amount, currency="EUR")
    with pytest.raises(DatabaseError, match="once_per_document"), transaction.atomic():
        post_trust_movement(client=client, document_id=document, amount=amount, currency="EUR")
    assert trust_held_for(client) == [Money(amount, "EUR")]


def test_the_service_refuses_what_does_not_balance_and_leaves_out_nothings(
    alpha: FirmWorld,
) -> None:
    before = LedgerTransaction.objects.count()
    kind, one = LedgerTransaction.Kind.PAYMENT, Decimal(1)
    uneven = Posting(kind, uuid4(), "EUR", [Entry(Account.CLEARING, one)])
    with pytest.raises(Unbalanced):
        post_documents(postings=[uneven])
    post_documents(postings=[Posting(kind, uuid4(), "EUR", [Entry(Account.CLEARING, Decimal(0))])])
    assert LedgerTransaction.objects.count() == before


def test_the_checks_hold_wherever_the_transaction_ends(committed_world: World) -> None:
    """Deferred triggers run under the role and path that stand at the commit."""
    alpha = committed_world.alpha
    with alpha.inside():
        client = alpha.client()
    with pytest.raises(DatabaseError, match="does not sum to zero"), transaction.atomic():
        with alpha.inside():
            _write(client.pk, [("clearing", "10", "EUR"), ("client_credit", "-9", "EUR")])
    with in_public(), transaction.atomic():
        with alpha.inside():
            _write(client.pk, OVERPAID)
    with alpha.inside():
        assert held_for(client) == [Money(Decimal(10), "EUR")]


def test_of_two_that_together_take_too_much_one_is_refused(committed_world: World) -> None:
    alpha = committed_world.alpha
    with alpha.inside():
        client = alpha.client()
        post_trust_movement(client=client, document_id=uuid4(), amount=Decimal(100), currency="EUR")
    first_was_checked = threading.Event()
    ends: dict[str, str] = {}

    def take(name: str) -> None:
        try:
            with alpha.inside(), transaction.atomic():
                if name == "second":
                    first_was_checked.wait(timeout=30)
                _write(client.pk, [("trust_bank", "-60", "EUR"), ("trust_liability", "60", "EUR")])
                if name == "first":
                    _commit()
                    first_was_checked.set()
                    # The second one is checked meanwhile: it must wait until this one ended.
                    time.sleep(1)
            ends[name] = "taken"
        except DatabaseError as error:
            ends[name] = "refused" if "below zero" in str(error) else str(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == {"first": "taken", "second": "refused"}
    with alpha.inside():
        assert trust_held_for(client) == [Money(Decimal(40), "EUR")]


def test_two_that_take_from_the_same_clients_in_opposite_orders_both_end(
    committed_world: World,
) -> None:
    alpha = committed_world.alpha
    with alpha.inside():
        clients = [alpha.client(), alpha.client(2)]
        for client in clients:
            post_trust_movement(
                client=client, document_id=uuid4(), amount=Decimal(100), currency="EUR"
            )
    both_posted = threading.Barrier(2, timeout=1)
    ends: list[str] = []

    def take(order: list[Client]) -> None:
        try:
            with alpha.inside(), transaction.atomic():
                postings = [
                    Posting(
                        LedgerTransaction.Kind.TRUST,
                        uuid4(),
                        "EUR",
                        [
                            Entry(Account.TRUST_BANK, Decimal(-40)),
                            Entry(Account.TRUST_LIABILITY, Decimal(40), client_id=client.pk),
                        ],
                    )
                    for client in order
                ]
                post_documents(postings=postings)
                with contextlib.suppress(threading.BrokenBarrierError):
                    # With the locks taken at posting the other one cannot come here: it waits.
                    both_posted.wait()
                for _client in order:
                    _commit()
            ends.append("taken")
        except DatabaseError as error:
            ends.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(order,)) for order in (clients, clients[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == ["taken", "taken"]
    with alpha.inside():
        assert [trust_held_for(client) for client in clients] == [[Money(Decimal(20), "EUR")]] * 2


def test_a_snapshot_that_could_be_old_takes_nothing(committed_world: World) -> None:
    alpha = committed_world.alpha
    with alpha.inside():
        client = alpha.client()
        post_trust_movement(client=client, document_id=uuid4(), amount=Decimal(100), currency="EUR")
        with pytest.raises(DatabaseError, match="read committed only"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            _write(client.pk, [("trust_bank", "-1", "EUR"), ("trust_liability", "1", "EUR")])
        assert trust_held_for(client) == [Money(Decimal(100), "EUR")]
