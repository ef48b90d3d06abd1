# Redis: answers that are kept, rate limits, leases. Nothing in it is the only copy of anything.

# Made anew in every run, and kept only when the version below is raised: it is in no state and no plan.
# Read it once, to compose CACHE_URL.
ephemeral "aws_secretsmanager_random_password" "redis" {
  password_length     = 64
  exclude_punctuation = true # it stands in an address: rediss://:token@host
}

locals {
  redis_token_version = 1 # raise it to turn the token over: the old one is good until the next time
}

resource "aws_secretsmanager_secret" "redis" {
  #checkov:skip=CKV2_AWS_57: Turned over by raising its version here; Redis then takes both for a while.
  name        = "currency-service/redis"
  description = "Auth token of Redis"
  kms_key_id  = var.data_key_arn
}

resource "aws_secretsmanager_secret_version" "redis" {
  secret_id                = aws_secretsmanager_secret.redis.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.redis.random_password
  secret_string_wo_version = local.redis_token_version
}

# Read back, never the one just made: an apply that ends between the two would else give Redis another
# token, at the next attempt, than the one that is kept.
ephemeral "aws_secretsmanager_secret_version" "redis" {
  secret_id = aws_secretsmanager_secret_version.redis.secret_id
}

resource "aws_elasticache_subnet_group" "main" {
  name       = "currency-service"
  subnet_ids = var.database_subnet_ids
}

resource "aws_cloudwatch_log_group" "redis" {
  name              = "/currency-service/redis-slow"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_elasticache_replication_group" "main" {
  #checkov:skip=CKV_AWS_31: It has a token, write-only, which the check does not know of.
  replication_group_id = "currency-service"
  description          = "Answers that are kept, rate limits, leases"
  engine               = "redis"
  engine_version       = "7.1"
  parameter_group_name = "default.redis7" # volatile-lru: what never ends, as generations, is never evicted
  node_type            = var.cache_node_type
  num_cache_clusters   = var.cache_nodes
  port                 = 6379

  automatic_failover_enabled = true
  multi_az_enabled           = true
  subnet_group_name          = aws_elasticache_subnet_group.main.name
  security_group_ids         = [var.security_groups.cache]

  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = true
  kms_key_id                 = var.data_key_arn
  auth_token_wo              = ephemeral.aws_secretsmanager_secret_version.redis.secret_string
  auth_token_wo_version      = local.redis_token_version
  auth_token_update_strategy = "ROTATE"

  auto_minor_version_upgrade = true
  maintenance_window         = "sun:19:30-sun:20:30" # UTC

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.redis.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }
}
