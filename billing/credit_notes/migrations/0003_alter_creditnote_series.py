import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("credit_notes", "0002_append_only"),
        ("numbering", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="creditnote",
            name="series",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="numbering.numberseries"
            ),
        ),
    ]
