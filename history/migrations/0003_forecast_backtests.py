"""How forecasts would have done, and when that is found out."""

from django.db import migrations, models

from config.schedule import Entry, seed

ENTRIES = [
    Entry(
        name="backtest forecasts",
        task="history.backtest_forecasts",
        # After each of the day's publications: Seoul about 11:00, the ECB about midnight.
        cron="47 1,7,13,19 * * *",
        description="How the forecast would have done up to the newest close, where there is a newer one.",
    ),
]


def fill(apps, schema_editor):
    seed(apps, ENTRIES)


class Migration(migrations.Migration):

    dependencies = [
        ('history', '0002_schedule'),
        ('django_celery_beat', '0019_alter_periodictasks_options'),
    ]

    operations = [
        migrations.CreateModel(
            name='ForecastBacktest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency_code', models.CharField(max_length=3)),
                ('base_code', models.CharField(help_text='The money prices are told in', max_length=3)),
                ('source', models.CharField(help_text='Provider key', max_length=32)),
                ('method', models.CharField(max_length=32)),
                ('horizon', models.PositiveSmallIntegerField(help_text='Trading days ahead')),
                ('first_origin', models.DateField(help_text='Day of the first forecast')),
                ('last_origin', models.DateField(help_text='Day of the last forecast')),
                ('newest_date', models.DateField(help_text='Day of the last outcome, the newest close there was')),
                ('observations', models.PositiveIntegerField(help_text='Forecasts with an outcome; their windows overlap')),
                ('coverage', models.FloatField(help_text='Share of outcomes inside the band')),
                ('mean_absolute_error', models.FloatField(help_text='In base currency, for one unit')),
                ('mean_absolute_error_percent', models.FloatField(help_text='Of the forecast')),
                ('naive_mean_absolute_error', models.FloatField(help_text='Of the forecast of no change')),
                ('computed_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'forecast_backtests',
                'constraints': [models.UniqueConstraint(fields=('currency_code', 'base_code', 'source', 'method', 'horizon'), name='backtest_is_unique'), models.CheckConstraint(condition=models.Q(('horizon__gte', 1)), name='backtest_looks_ahead'), models.CheckConstraint(condition=models.Q(('observations__gt', 0)), name='backtest_has_observations'), models.CheckConstraint(condition=models.Q(('coverage__gte', 0), ('coverage__lte', 1)), name='backtest_coverage_is_a_share')],
            },
        ),
        # Undone, the row stays: it may have been edited.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
