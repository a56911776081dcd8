"""LEDES 98BI V2 among the formats of an import: a choice, nothing that the database sees."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="importrun",
            name="format",
            field=models.CharField(
                choices=[
                    ("ledes1998b", "LEDES 1998B"),
                    ("ledes1998bi", "LEDES 98BI V2"),
                    ("csv", "CSV"),
                ],
                max_length=12,
            ),
        ),
    ]
