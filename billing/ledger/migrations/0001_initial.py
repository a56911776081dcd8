import django.db.models.deletion
import django.utils.timezone
import infra.common.primary_keys
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0002_ways_in'),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerTransaction',
            fields=[
                ('id', models.UUIDField(default=infra.common.primary_keys.new_key, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('issue', 'Issue'), ('void', 'Void'), ('write_off', 'Write Off'), ('payment', 'Payment'), ('credit_note', 'Credit Note'), ('trust', 'Trust')], max_length=12)),
                ('document_id', models.UUIDField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('entry_count', models.PositiveSmallIntegerField()),
            ],
            options={
                'db_table': 'ledger_transaction',
                'ordering': ['at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('document_id', 'kind'), name='ledger_transaction_once_per_document'), models.CheckConstraint(condition=models.Q(('kind__in', ['issue', 'void', 'write_off', 'payment', 'credit_note', 'trust'])), name='ledger_transaction_kind_known'), models.CheckConstraint(condition=models.Q(('entry_count__gte', 2)), name='ledger_transaction_has_entries')],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(choices=[('receivable', 'Receivable'), ('written_off', 'Written Off'), ('client_credit', 'Client Credit'), ('clearing', 'Clearing'), ('revenue', 'Revenue'), ('trust_bank', 'Trust Bank'), ('trust_liability', 'Trust Liability')], max_length=16)),
                ('book', models.GeneratedField(db_persist=True, expression=models.Case(models.When(account__in=('trust_bank', 'trust_liability'), then=models.Value('trust')), default=models.Value('operating')), output_field=models.CharField(max_length=9))),
                ('invoice_id', models.UUIDField(null=True)),
                ('currency', models.CharField(max_length=3)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                ('client', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.client')),
                ('transaction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.ledgertransaction')),
            ],
            options={
                'db_table': 'ledger_entry',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['client', 'account', 'currency'], name='ledger_entry_client'), models.Index(condition=models.Q(('invoice_id__isnull', False)), fields=['invoice_id'], name='ledger_entry_invoice')],
                'constraints': [models.CheckConstraint(condition=models.Q(('account__in', ['receivable', 'written_off', 'client_credit', 'trust_liability', 'clearing', 'revenue', 'trust_bank'])), name='ledger_entry_account_known'), models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='ledger_entry_says_something'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='ledger_entry_currency_code'), models.CheckConstraint(condition=models.Q(models.Q(('account__in', ('receivable', 'written_off', 'client_credit', 'trust_liability')), ('client__isnull', False)), models.Q(models.Q(('account__in', ('receivable', 'written_off', 'client_credit', 'trust_liability')), _negated=True), ('client__isnull', True)), _connector='OR'), name='ledger_entry_client_where_due'), models.CheckConstraint(condition=models.Q(models.Q(('account__in', ('receivable', 'written_off')), ('invoice_id__isnull', False)), models.Q(models.Q(('account__in', ('receivable', 'written_off')), _negated=True), ('invoice_id__isnull', True)), _connector='OR'), name='ledger_entry_invoice_where_due')],
            },
        ),
    ]
