"""The app of selections and rankings."""

from django.apps import AppConfig


class RankingConfig(AppConfig):
    name = "ranking"
