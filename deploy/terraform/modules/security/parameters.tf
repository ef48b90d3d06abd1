# The names of the secrets, and no value: `python -m deploy.set_parameter NAME` sets those.

locals {
  secrets = {
    SECRET_KEY                = "Signs sessions"
    SECRET_KEY_FALLBACKS      = "Keys of sessions that are being rotated out"
    DATABASE_URL              = "Aurora, through its proxy"
    DATABASE_REPLICA_URL      = "Aurora, its readers"
    CACHE_URL                 = "Redis, with its password"
    ENCRYPTION_KEYS           = "Fernet keys of personal data, the one in use first"
    VISITOR_KEY               = "Keys the hashes of visitors"
    PROVIDER_ECOS_API_KEY     = "Bank of Korea ECOS"
    PROVIDER_EXIMBANK_API_KEY = "Korea Eximbank"
    PROVIDER_FRED_API_KEY     = "Federal Reserve Bank of St. Louis"
  }
}

resource "aws_ssm_parameter" "secret" {
  for_each = local.secrets

  name        = "/currency-service/${each.key}"
  description = each.value
  type        = "SecureString"
  key_id      = aws_kms_alias.this["data"].name
  # Written once, when the parameter is made. A write-only value is not read back either: `value` with
  # ignore_changes alone would bring the real secret into the state with the next refresh.
  value_wo         = "unset"
  value_wo_version = 1

  lifecycle {
    ignore_changes = [value_wo_version, insecure_value]
  }
}
