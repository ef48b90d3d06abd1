"""Django's admin with the operators' own site."""

from django.contrib.admin.apps import AdminConfig


class OperatorsAdminConfig(AdminConfig):
    default_site = "config.operators.site.OperatorsSite"
