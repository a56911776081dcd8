import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='NumberSeries',
            fields=[
                ('code', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('prefix', models.CharField(blank=True, default='', max_length=20)),
                ('next_number', models.PositiveIntegerField(default=1)),
                ('digits', models.PositiveSmallIntegerField(default=4)),
            ],
            options={
                'db_table': 'number_series',
            },
        ),
        migrations.CreateModel(
            name='SkippedNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=50)),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='skipped', to='numbering.numberseries')),
            ],
            options={
                'db_table': 'skipped_number',
                'constraints': [models.UniqueConstraint(fields=('series', 'number'), name='skipped_number_once')],
            },
        ),
    ]
