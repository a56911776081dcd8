import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("credit_notes", "0003_alter_creditnote_series"),
        ("invoices", "0004_credited"),
        ("numbering", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="invoice",
            name="series",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="numbering.numberseries"
            ),
        ),
        migrations.DeleteModel(
            name="InvoiceSeries",
        ),
    ]
